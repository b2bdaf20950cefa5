-- The number of the change by which an object came into the recycle bin or out of it, beside that of its newest change: whoever
-- follows references is told of those that lead to it, and of its own. Of what moved before, nobody knows when. Whoever never
-- moved has no row in the index.
ALTER TABLE object ADD COLUMN moved_seq INTEGER;
CREATE UNIQUE INDEX object_moved ON object (tenant_no, moved_seq) WHERE moved_seq IS NOT NULL;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('object', 'object_moved', '10000 2000 1');
ANALYZE sqlite_schema;
