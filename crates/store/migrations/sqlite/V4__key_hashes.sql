-- Unique values by hash, in two tables. Keys arrive in no order: each dirties a leaf of its own, which
-- costs more than everything else a page writes together. A hash is a third of the text; and new
-- keys wait in a small table until there are enough of them to be moved in order, many to a leaf.
-- Both tables together are the truth. `key_hash` is a function of the driver's.
CREATE TABLE object_key_by_hash (
    tenant_no      INTEGER NOT NULL,
    hash           BLOB    NOT NULL,
    kind           INTEGER NOT NULL,
    id             BLOB    NOT NULL,
    PRIMARY KEY (tenant_no, hash)
) WITHOUT ROWID;
INSERT INTO object_key_by_hash (tenant_no, hash, kind, id)
    SELECT tenant_no, key_hash(name, value), kind, id FROM object_key ORDER BY 1, 2;
DROP TABLE object_key;
ALTER TABLE object_key_by_hash RENAME TO object_key;

CREATE TABLE object_key_recent (
    tenant_no      INTEGER NOT NULL,
    hash           BLOB    NOT NULL,
    kind           INTEGER NOT NULL,
    id             BLOB    NOT NULL,
    PRIMARY KEY (tenant_no, hash)
) WITHOUT ROWID;

DELETE FROM sqlite_stat1 WHERE tbl LIKE 'object_key%';
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('object_key', 'object_key', '3000000 600000 1'),
    ('object_key_recent', 'object_key_recent', '100000 20000 1');
ANALYZE sqlite_schema;
