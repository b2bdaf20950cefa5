-- When to go through all memberships of an object again, because one of them failed; 0: none did.
-- A row's stage 3 is new: the groups that it is in in the target.
ALTER TABLE membership_due ADD COLUMN again bigint NOT NULL DEFAULT 0;

-- Groups that were linked when nothing was written of their members yet, and all others once.
INSERT INTO membership_due (tenant_no, job_no, source, kind, stage, place, not_before, first_failed)
    SELECT tenant_no, job_no, source, kind, 0, ''::bytea, 0, 0 FROM link
    WHERE kind = 2 AND state = 0 AND EXISTS (SELECT 1 FROM job WHERE job.job_no = link.job_no AND job.deleted = 0)
    ON CONFLICT (tenant_no, job_no, source) DO UPDATE SET stage = 0, place = ''::bytea;
