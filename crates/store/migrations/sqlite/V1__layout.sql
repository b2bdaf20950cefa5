-- The first layout. Rules that shaped it: the tenant leads every key; ids are time-ordered, so
-- that keys arrive in order; few secondary indexes; GUIDs are stored as 16 bytes, times as ticks of
-- 100 ns since 1970, attribute values in a compact binary form that only this crate reads.

CREATE TABLE tenant (
    tenant_no      INTEGER NOT NULL PRIMARY KEY,
    id             BLOB    NOT NULL UNIQUE,
    -- The last changed_seq given out in this tenant.
    sequence       INTEGER NOT NULL DEFAULT 0,
    body           TEXT    NOT NULL
);

CREATE TABLE domain (
    name           TEXT    NOT NULL PRIMARY KEY,
    tenant_no      INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE object (
    tenant_no      INTEGER NOT NULL,
    kind           INTEGER NOT NULL,
    id             BLOB    NOT NULL,
    -- 0 live, 1 in the recycle bin, 2 deleted for good (tombstone)
    state          INTEGER NOT NULL,
    changed_seq    INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    deleted_at     INTEGER,
    body           BLOB    NOT NULL,
    PRIMARY KEY (tenant_no, kind, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX object_changed ON object (tenant_no, changed_seq);
CREATE INDEX object_recycled ON object (tenant_no, kind, deleted_at) WHERE state = 1;

-- One table for all unique values (userPrincipalName, proxy addresses, source anchors, app ids).
CREATE TABLE object_key (
    tenant_no      INTEGER NOT NULL,
    name           INTEGER NOT NULL,
    value          TEXT    NOT NULL,
    kind           INTEGER NOT NULL,
    id             BLOB    NOT NULL,
    PRIMARY KEY (tenant_no, name, value)
) WITHOUT ROWID;

CREATE TABLE edge (
    tenant_no      INTEGER NOT NULL,
    kind           INTEGER NOT NULL,
    from_id        BLOB    NOT NULL,
    to_id          BLOB    NOT NULL,
    -- 1: a tombstone, kept until every watermark and delta token has passed it
    removed        INTEGER NOT NULL,
    changed_seq    INTEGER NOT NULL,
    PRIMARY KEY (tenant_no, kind, from_id, to_id)
) WITHOUT ROWID;
CREATE INDEX edge_to ON edge (tenant_no, kind, to_id, from_id);
CREATE INDEX edge_changed ON edge (tenant_no, changed_seq);

CREATE TABLE app_role_assignment (
    tenant_no      INTEGER NOT NULL,
    resource       BLOB    NOT NULL,
    principal      BLOB    NOT NULL,
    role           BLOB    NOT NULL,
    principal_kind INTEGER NOT NULL,
    suffix         BLOB    NOT NULL,
    created_at     INTEGER NOT NULL,
    removed        INTEGER NOT NULL,
    changed_seq    INTEGER NOT NULL,
    PRIMARY KEY (tenant_no, resource, principal, role)
) WITHOUT ROWID;
CREATE INDEX app_role_assignment_principal ON app_role_assignment (tenant_no, principal);
CREATE INDEX app_role_assignment_changed ON app_role_assignment (tenant_no, changed_seq);
-- Groups only: every page of a cycle asks which groups are assigned to its configuration, among
-- possibly very many users who are assigned directly. The kind is the same in every row here; it
-- is a column so that the planner prefers this index to the primary key.
CREATE INDEX app_role_assignment_group ON app_role_assignment (tenant_no, resource, principal_kind, principal)
    WHERE principal_kind = 2;

-- Low-volume configuration as typed documents. tenant_no 0: belongs to no tenant.
CREATE TABLE document (
    tenant_no      INTEGER NOT NULL,
    kind           TEXT    NOT NULL,
    key            TEXT    NOT NULL,
    expires_at     INTEGER,
    -- 1: sealed with the data directory's key
    sealed         INTEGER NOT NULL,
    body           BLOB    NOT NULL,
    PRIMARY KEY (tenant_no, kind, key)
) WITHOUT ROWID;
CREATE INDEX document_expiry ON document (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE job (
    job_no            INTEGER NOT NULL PRIMARY KEY,
    id                TEXT    NOT NULL,
    tenant_no         INTEGER NOT NULL,
    service_principal BLOB    NOT NULL,
    next_due          INTEGER,
    -- 1: a tombstone, so that the log still knows the name
    deleted           INTEGER NOT NULL DEFAULT 0,
    body              TEXT    NOT NULL
);
CREATE UNIQUE INDEX job_id ON job (id) WHERE deleted = 0;
CREATE INDEX job_of_service_principal ON job (tenant_no, service_principal);
CREATE INDEX job_due ON job (next_due) WHERE next_due IS NOT NULL;

CREATE TABLE link (
    tenant_no      INTEGER NOT NULL,
    job_no         INTEGER NOT NULL,
    source         BLOB    NOT NULL,
    target         BLOB    NOT NULL,
    kind           INTEGER NOT NULL,
    state          INTEGER NOT NULL,
    since          INTEGER NOT NULL,
    PRIMARY KEY (tenant_no, job_no, source)
) WITHOUT ROWID;
CREATE UNIQUE INDEX link_target ON link (tenant_no, job_no, target);

-- References that wait for the source object they name to be linked.
CREATE TABLE waiting_reference (
    tenant_no      INTEGER NOT NULL,
    job_no         INTEGER NOT NULL,
    waits_for      BLOB    NOT NULL,
    source         BLOB    NOT NULL,
    attr           INTEGER NOT NULL,
    kind           INTEGER NOT NULL,
    PRIMARY KEY (tenant_no, job_no, waits_for, source, attr)
) WITHOUT ROWID;
CREATE INDEX waiting_reference_source ON waiting_reference (tenant_no, job_no, source);

-- Source objects that were linked while others waited for them.
CREATE TABLE ready_reference (
    tenant_no      INTEGER NOT NULL,
    job_no         INTEGER NOT NULL,
    waits_for      BLOB    NOT NULL,
    PRIMARY KEY (tenant_no, job_no, waits_for)
) WITHOUT ROWID;

CREATE TABLE escrow (
    tenant_no      INTEGER NOT NULL,
    job_no         INTEGER NOT NULL,
    source         BLOB    NOT NULL,
    kind           INTEGER NOT NULL,
    first_failed   INTEGER NOT NULL,
    attempts       INTEGER NOT NULL,
    next_attempt   INTEGER NOT NULL,
    failure        TEXT    NOT NULL,
    PRIMARY KEY (tenant_no, job_no, source)
) WITHOUT ROWID;
CREATE INDEX escrow_due ON escrow (tenant_no, job_no, next_attempt);

-- Deletes and disables decided in a cycle, counted before any is carried out.
CREATE TABLE staged (
    tenant_no      INTEGER NOT NULL,
    job_no         INTEGER NOT NULL,
    source         BLOB    NOT NULL,
    kind           INTEGER NOT NULL,
    -- 1: held by the accidental-deletion gate
    held           INTEGER NOT NULL,
    staged_at      INTEGER NOT NULL,
    PRIMARY KEY (tenant_no, job_no, source)
) WITHOUT ROWID;

-- Source objects that the cycle in progress has looked at. Changes name an object as often as it
-- changed in different ways, and pages are apart: without these rows a cycle would decide, log and
-- count it again and again. Emptied when a cycle begins and ends.
CREATE TABLE evaluated (
    tenant_no      INTEGER NOT NULL,
    job_no         INTEGER NOT NULL,
    source         BLOB    NOT NULL,
    PRIMARY KEY (tenant_no, job_no, source)
) WITHOUT ROWID;

CREATE TABLE provisioning_log (
    tenant_no      INTEGER NOT NULL,
    -- Time-ordered, so that newest first is a walk from the end.
    id             BLOB    NOT NULL,
    job_no         INTEGER NOT NULL,
    cycle          BLOB    NOT NULL,
    change         BLOB    NOT NULL,
    at             INTEGER NOT NULL,
    duration_ms    INTEGER NOT NULL,
    evidence       BLOB    NOT NULL,
    PRIMARY KEY (tenant_no, id)
) WITHOUT ROWID;
CREATE INDEX provisioning_log_job ON provisioning_log (tenant_no, job_no, id);
