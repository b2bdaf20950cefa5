-- What the planner should believe about the sizes of things. Without statistics SQLite takes every
-- leading column of a key for very selective: it believes that one job of one tenant has about nine
-- rows, and walks through all of them although an index names the one row that is asked for.
-- Measured statistics would change the plans from one machine and day to the next; these never do.
-- One line per key or index: rows in all, then rows per distinct value of its first column, of its
-- first two, and so on. A new table or index with several columns gets its line in its migration.
ANALYZE sqlite_schema;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('object', 'object', '1000000 200000 100000 1'),
    ('object', 'object_changed', '1000000 200000 1'),
    ('object', 'object_recycled', '10000 2000 1000 1'),
    ('object_key', 'object_key', '3000000 600000 200000 1'),
    ('edge', 'edge', '2000000 400000 200000 10 1'),
    ('edge', 'edge_to', '2000000 400000 200000 10 1'),
    ('edge', 'edge_changed', '2000000 400000 1'),
    ('app_role_assignment', 'app_role_assignment', '100000 20000 10000 1 1'),
    ('app_role_assignment', 'app_role_assignment_principal', '100000 20000 1'),
    ('app_role_assignment', 'app_role_assignment_changed', '100000 20000 1'),
    ('app_role_assignment', 'app_role_assignment_group', '1000 200 100 100 1'),
    ('document', 'document', '10000 1000 100 1'),
    ('document', 'document_expiry', '1000 10'),
    ('link', 'link', '1000000 200000 100000 1'),
    ('link', 'link_target', '1000000 200000 100000 1'),
    ('waiting_reference', 'waiting_reference', '100000 20000 10000 10 1 1'),
    ('waiting_reference', 'waiting_reference_source', '100000 20000 10000 1'),
    ('ready_reference', 'ready_reference', '1000 200 100 1'),
    ('escrow', 'escrow', '10000 2000 1000 1'),
    ('escrow', 'escrow_due', '10000 2000 1000 10'),
    ('staged', 'staged', '10000 2000 1000 1'),
    ('evaluated', 'evaluated', '100000 20000 10000 1'),
    ('provisioning_log', 'provisioning_log', '10000000 2000000 1'),
    ('provisioning_log', 'provisioning_log_job', '10000000 2000000 1000000 1');
-- Makes this connection read them; others read them when they open the file.
ANALYZE sqlite_schema;
