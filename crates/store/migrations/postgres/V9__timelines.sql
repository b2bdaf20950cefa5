-- The timeline of the server when a tenant was written in last, and the numbers that were passed over each time when it was
-- another one: as JSON, [after, before], …. A standby that takes over may be behind, and what it had not heard of has numbers
-- behind its own last one. Null: not known, and none. What was before this layout nobody knows.
ALTER TABLE tenant ADD COLUMN timeline bigint;
ALTER TABLE tenant ADD COLUMN passed_over text;
