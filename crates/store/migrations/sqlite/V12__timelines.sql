-- What a shared database notes of standbys that took over. A file has none: the columns are here so that backups of either have
-- the same tables.
ALTER TABLE tenant ADD COLUMN timeline INTEGER;
ALTER TABLE tenant ADD COLUMN passed_over TEXT;
