-- For a job in continuous mode, the last change of its tenant that a cycle has gone behind: when there is a later one, the
-- job is due. Null for jobs that only follow their schedule now.
ALTER TABLE job ADD COLUMN follows bigint;
CREATE INDEX job_follows ON job (tenant_no, follows) WHERE follows IS NOT NULL;
