-- Whether the target refused a reference that waits: then it is tried when its owner is looked at again, and not while what
-- is ready is written. Of what waits already nobody knows: it is tried once more, as not refused. What was not refused has no
-- row in the index.
ALTER TABLE waiting_reference ADD COLUMN refused smallint NOT NULL DEFAULT 0;
CREATE INDEX waiting_reference_refused ON waiting_reference (tenant_no, job_no, waits_for) WHERE refused = 1;
