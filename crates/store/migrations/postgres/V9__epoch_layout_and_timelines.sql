-- What whoever writes compares in the row that it locks, with what it found when it opened the database: the row says it as it is
-- when the lock is got, however long that was waited for. In all rows, also the one of no tenant: which database this is (another
-- one after each restore and each replacement of the key; empty: there was none yet), and the layout that it has. This one by its
-- default: not every engine lets a transaction write into a column that it has added.
ALTER TABLE tenant ADD COLUMN epoch bytea NOT NULL DEFAULT ''::bytea;
ALTER TABLE tenant ADD COLUMN layout bigint NOT NULL DEFAULT 9;

-- The timeline of the server when a tenant was written in last, and the numbers that were passed over each time when it was
-- another one: as JSON, [after, before], …. A standby that takes over may be behind, and what it had not heard of has numbers
-- behind its own last one. Null: the first one, or a server that can not tell; and none passed over. Of the standbys before this
-- layout nobody knows: on any timeline but the first, one has taken over.
ALTER TABLE tenant ADD COLUMN timeline bigint;
ALTER TABLE tenant ADD COLUMN passed_over text;

-- Which told the same, and nobody reads any more.
DELETE FROM document WHERE tenant_no = 0 AND kind = 'restoration';
