-- Which synchronization added a reference: the number of the tenant that its source is; 0: nobody's, made
-- by hand. Synchronization removes what it added, and nothing else.
ALTER TABLE edge ADD COLUMN added_by bigint NOT NULL DEFAULT 0;

-- Source objects whose memberships a job has to go through, because they came into the target. Of a group
-- its members, of anybody the groups that he is in.
CREATE TABLE membership_due (
    tenant_no      bigint NOT NULL,
    job_no         bigint NOT NULL,
    source         bytea    NOT NULL,
    kind           smallint NOT NULL,
    -- Of a group 0: its members in the source; 1: its members in the target. 2: the groups it is in
    stage          smallint NOT NULL,
    -- The last one gone through; empty: none yet
    place          bytea    NOT NULL,
    -- Not before this time, and since when it fails; 0: at once, and not at all
    not_before     bigint NOT NULL,
    first_failed   bigint NOT NULL,
    PRIMARY KEY (tenant_no, job_no, source)
);
