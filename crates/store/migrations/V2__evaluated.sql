-- Source objects that the cycle in progress has looked at. Changes name an object as often as it
-- changed in different ways, and pages are apart: without these rows a cycle would decide, log and
-- count it again and again. Emptied when a cycle begins and ends.
CREATE TABLE evaluated (
    tenant_no      INTEGER NOT NULL,
    job_no         INTEGER NOT NULL,
    source         BLOB    NOT NULL,
    PRIMARY KEY (tenant_no, job_no, source)
) WITHOUT ROWID;
