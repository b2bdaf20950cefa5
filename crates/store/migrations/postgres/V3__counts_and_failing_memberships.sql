-- When to go through all memberships of an object again, because one of them failed; 0: none did.
-- A row's stage 3 is new: the groups that it is in in the target.
ALTER TABLE membership_due ADD COLUMN again bigint NOT NULL DEFAULT 0;

-- Groups that were linked when nothing was written of their members yet, and all others once.
INSERT INTO membership_due (tenant_no, job_no, source, kind, stage, place, not_before, first_failed)
    SELECT tenant_no, job_no, source, kind, 0, ''::bytea, 0, 0 FROM link
    WHERE kind = 2 AND state = 0 AND EXISTS (SELECT 1 FROM job WHERE job.job_no = link.job_no AND job.deleted = 0)
    ON CONFLICT (tenant_no, job_no, source) DO UPDATE SET stage = 0, place = ''::bytea;

-- How many objects of a kind a tenant has, live and in the recycle bin.
CREATE TABLE object_count (
    tenant_no      bigint NOT NULL,
    kind           smallint NOT NULL,
    live           bigint NOT NULL,
    recycled       bigint NOT NULL,
    PRIMARY KEY (tenant_no, kind)
);

INSERT INTO object_count (tenant_no, kind, live, recycled)
    SELECT tenant_no, kind, SUM(CASE state WHEN 0 THEN 1 ELSE 0 END), SUM(CASE state WHEN 1 THEN 1 ELSE 0 END)
    FROM object GROUP BY tenant_no, kind;
