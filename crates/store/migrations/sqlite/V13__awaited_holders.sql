-- The source object that has what somebody who failed wants, and may let go of it: whoever waits for it is found by it. What
-- was written before says it in the text of the failure alone, and has one byte here until it is written again. What waits for
-- nobody has no row in the index.
ALTER TABLE escrow ADD COLUMN waits_for BLOB DEFAULT x'00';
CREATE INDEX escrow_waits_for ON escrow (tenant_no, job_no, waits_for, source) WHERE waits_for IS NOT NULL;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('escrow', 'escrow_waits_for', '1000 200 100 2 1');
ANALYZE sqlite_schema;
