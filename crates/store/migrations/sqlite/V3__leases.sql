-- Who works on what. An embedded database has one process and needs no leases; the tables are the
-- same everywhere.
CREATE TABLE lease (
    tenant_no      INTEGER NOT NULL,
    job_no         INTEGER NOT NULL,
    -- 0: the job itself; from 1: a part of the full read of its cycle in progress
    part           INTEGER NOT NULL,
    -- The node that works on it; all zeros: nobody.
    owner          BLOB    NOT NULL,
    -- Grows with every owner: whoever comes back with an older one is refused.
    generation     INTEGER NOT NULL,
    until          INTEGER NOT NULL,
    -- Of a part: where to go on, where it ends (text of the source's; empty: with the source), and
    -- whether it is done.
    cursor         TEXT    NOT NULL,
    last           TEXT    NOT NULL,
    done           INTEGER NOT NULL,
    PRIMARY KEY (tenant_no, job_no, part)
) WITHOUT ROWID;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('lease', 'lease', '1000 200 10 1');
ANALYZE sqlite_schema;
