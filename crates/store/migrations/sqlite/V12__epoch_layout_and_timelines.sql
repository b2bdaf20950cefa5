-- Which database this is, and the layout that it has, for those who share one. An embedded database has one process, whose lock
-- keeps restores and newer versions away, and looks at neither; the tables are the same everywhere.
ALTER TABLE tenant ADD COLUMN epoch BLOB NOT NULL DEFAULT x'';
ALTER TABLE tenant ADD COLUMN layout INTEGER NOT NULL DEFAULT 0;

-- What a shared database notes of standbys that took over. A file has none: the columns are here so that backups of either have
-- the same tables.
ALTER TABLE tenant ADD COLUMN timeline INTEGER;
ALTER TABLE tenant ADD COLUMN passed_over TEXT;

-- Which told the same, and nobody reads any more.
DELETE FROM document WHERE tenant_no = 0 AND kind = 'restoration';
