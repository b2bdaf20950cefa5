-- A database with layout 13 and a bit of everything in it: that of layout 12, and what the migration to
-- layout 13 makes of it. Its key is thirty-two bytes of 7. Never edited: today's version must open it.
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
INSERT INTO "app_role_assignment" VALUES(1,X'00000000000670008000000000000006',X'00000000000170008000000000000001',X'00000000000000000000000000000000',1,X'09090909090909090909090909090909',16000000000000000,0,8);
CREATE TABLE document (
    tenant_no      INTEGER NOT NULL,
    kind           TEXT    NOT NULL,
    key            TEXT    NOT NULL,
    expires_at     INTEGER,
    sealed         INTEGER NOT NULL,
    body           BLOB    NOT NULL,
    PRIMARY KEY (tenant_no, kind, key)
) WITHOUT ROWID;
INSERT INTO "document" VALUES(0,'key_check','key',NULL,1,X'E24240FCBF81D82215F6F0C043AD1DC188C58FD414DA6B07762E9C41353D23774E9EC3AABD0324EF34914B');
INSERT INTO "document" VALUES(1,'test_secret','key',NULL,1,X'C49739017D115C88647098E3C97A72C8703E43EF89A3EACC295F60F7D894D745485FE31DD50665D38A9C2A4988C9F8D1A3A515547ED8');
CREATE TABLE domain (
    name           TEXT    NOT NULL PRIMARY KEY,
    tenant_no      INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO "domain" VALUES('contoso.onmicrosoft.com',1);
INSERT INTO "domain" VALUES('fabrikam.onmicrosoft.com',2);
CREATE TABLE edge (
    tenant_no      INTEGER NOT NULL,
    kind           INTEGER NOT NULL,
    from_id        BLOB    NOT NULL,
    to_id          BLOB    NOT NULL,
    removed        INTEGER NOT NULL,
    changed_seq    INTEGER NOT NULL, added_by INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_no, kind, from_id, to_id)
) WITHOUT ROWID;
INSERT INTO "edge" VALUES(1,1,X'00000000000270008000000000000002',X'00000000000170008000000000000001',0,7,0);
CREATE TABLE escrow (
    tenant_no      INTEGER NOT NULL,
    job_no         INTEGER NOT NULL,
    source         BLOB    NOT NULL,
    kind           INTEGER NOT NULL,
    first_failed   INTEGER NOT NULL,
    attempts       INTEGER NOT NULL,
    next_attempt   INTEGER NOT NULL,
    failure        TEXT    NOT NULL, waits_for BLOB DEFAULT x'00',
    PRIMARY KEY (tenant_no, job_no, source)
) WITHOUT ROWID;
INSERT INTO "escrow" VALUES(1,1,X'00000000000270008000000000000002',1,16000000000000000,2,16000000000000000,'{}',X'00');
CREATE TABLE evaluated (
    tenant_no      INTEGER NOT NULL,
    job_no         INTEGER NOT NULL,
    source         BLOB    NOT NULL,
    PRIMARY KEY (tenant_no, job_no, source)
) WITHOUT ROWID;
INSERT INTO "evaluated" VALUES(1,1,X'00000000000170008000000000000001');
CREATE TABLE job (
    job_no            INTEGER NOT NULL PRIMARY KEY,
    id                TEXT    NOT NULL,
    tenant_no         INTEGER NOT NULL,
    service_principal BLOB    NOT NULL,
    next_due          INTEGER,
    deleted           INTEGER NOT NULL DEFAULT 0,
    body              TEXT    NOT NULL
, follows INTEGER);
INSERT INTO "job" VALUES(1,'Azure2Azure.old',1,X'00000000000670008000000000000006',16000000000000000,0,'{"id":"Azure2Azure.old","tenant":"c0c00000-0000-4000-8000-000000000001","service_principal":"00000000-0006-7000-8000-000000000006","app_id":"00000000-0000-0000-0000-00000000abab","template":"Azure2Azure","created_at":16000000000000000,"interval_seconds":2400,"state":"Active","started_at":16000000000000000,"settings":[],"status":{"count_successive_complete_failures":0,"last_execution":null,"last_successful_execution":null,"last_successful_execution_with_exports":null,"steady_state_first_achieved":null,"steady_state_last_achieved":null,"quarantine":null,"synchronized_entries":{}},"next_due":16000000000000000,"watermark":{"sequence":4,"token":null},"running":null,"force_deletes":false,"configuration_generation":1,"evaluated_generation":1,"pause_requested":false,"references_waiting":1}',NULL);
CREATE TABLE lease (
    tenant_no      INTEGER NOT NULL,
    job_no         INTEGER NOT NULL,
    part           INTEGER NOT NULL,
    owner          BLOB    NOT NULL,
    generation     INTEGER NOT NULL,
    until          INTEGER NOT NULL,
    cursor         TEXT    NOT NULL,
    last           TEXT    NOT NULL,
    done           INTEGER NOT NULL,
    PRIMARY KEY (tenant_no, job_no, part)
) WITHOUT ROWID;
INSERT INTO "lease" VALUES(1,1,0,X'00000000000000000000000000000000',0,0,'','',0);
CREATE TABLE link (
    tenant_no      INTEGER NOT NULL,
    job_no         INTEGER NOT NULL,
    source         BLOB    NOT NULL,
    target         BLOB    NOT NULL,
    kind           INTEGER NOT NULL,
    state          INTEGER NOT NULL,
    since          INTEGER NOT NULL, matching INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_no, job_no, source)
) WITHOUT ROWID;
INSERT INTO "link" VALUES(1,1,X'00000000000170008000000000000001',X'00000000000570008000000000000005',1,0,16000000000000000,0);
CREATE TABLE membership_due (
    tenant_no      INTEGER NOT NULL,
    job_no         INTEGER NOT NULL,
    source         BLOB    NOT NULL,
    kind           INTEGER NOT NULL,
    -- Of a group 0: its members in the source; 1: its members in the target. 2: the groups it is in
    stage          INTEGER NOT NULL,
    -- The last one gone through; empty: none yet
    place          BLOB    NOT NULL,
    -- Not before this time, and since when it fails; 0: at once, and not at all
    not_before     INTEGER NOT NULL,
    first_failed   INTEGER NOT NULL, again INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_no, job_no, source)
) WITHOUT ROWID;
INSERT INTO "membership_due" VALUES(1,1,X'00000000000170008000000000000001',1,2,X'',0,16000000000000000,0);
CREATE TABLE object (
    tenant_no      INTEGER NOT NULL,
    kind           INTEGER NOT NULL,
    id             BLOB    NOT NULL,
    state          INTEGER NOT NULL,
    changed_seq    INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    deleted_at     INTEGER,
    body           BLOB    NOT NULL, moved_seq INTEGER,
    PRIMARY KEY (tenant_no, kind, id)
) WITHOUT ROWID;
INSERT INTO "object" VALUES(1,1,X'00000000000170008000000000000001',0,1,16000000000000000,NULL,X'02040203616E613F020D616E6140782E6578616D706C65',NULL);
INSERT INTO "object" VALUES(1,1,X'00000000000270008000000000000002',0,2,16000000000000000,NULL,X'02040202626F3F020C626F40782E6578616D706C65',NULL);
INSERT INTO "object" VALUES(1,1,X'00000000000370008000000000000003',2,5,16000000000000000,NULL,X'00',NULL);
INSERT INTO "object" VALUES(1,1,X'00000000000470008000000000000004',1,6,16000000000000000,16000000000000000,X'0204020662696E6E65643F021062696E6E656440782E6578616D706C65',NULL);
INSERT INTO "object" VALUES(2,1,X'00000000000570008000000000000005',0,1,16000000000000000,NULL,X'02040209616E612D67756573743F0213616E612D677565737440782E6578616D706C65',NULL);
CREATE TABLE object_count (
    tenant_no      INTEGER NOT NULL,
    kind           INTEGER NOT NULL,
    live           INTEGER NOT NULL,
    recycled       INTEGER NOT NULL,
    PRIMARY KEY (tenant_no, kind)
) WITHOUT ROWID;
INSERT INTO "object_count" VALUES(1,1,2,1);
INSERT INTO "object_count" VALUES(2,1,1,0);
CREATE TABLE "object_key" (
    tenant_no      INTEGER NOT NULL,
    hash           BLOB    NOT NULL,
    kind           INTEGER NOT NULL,
    id             BLOB    NOT NULL,
    PRIMARY KEY (tenant_no, hash)
) WITHOUT ROWID;
INSERT INTO "object_key" VALUES(1,X'FE43958A57BBDA68E3FEBEDA0CC03BE2',1,X'00000000000170008000000000000001');
CREATE TABLE object_key_recent (
    tenant_no      INTEGER NOT NULL,
    hash           BLOB    NOT NULL,
    kind           INTEGER NOT NULL,
    id             BLOB    NOT NULL,
    PRIMARY KEY (tenant_no, hash)
) WITHOUT ROWID;
INSERT INTO "object_key_recent" VALUES(1,X'000102030405060708090A0B0C0D0E0F',1,X'00000000000270008000000000000002');
CREATE TABLE provisioning_log (
    tenant_no      INTEGER NOT NULL,
    id             BLOB    NOT NULL,
    job_no         INTEGER NOT NULL,
    cycle          BLOB    NOT NULL,
    change         BLOB    NOT NULL,
    at             INTEGER NOT NULL,
    duration_ms    INTEGER NOT NULL,
    evidence       BLOB    NOT NULL,
    PRIMARY KEY (tenant_no, id)
) WITHOUT ROWID;
INSERT INTO "provisioning_log" VALUES(1,X'00000000000770008000000000000007',1,X'00000000000000000000000000000008',X'00000000000970008000000000000009',16000000000000000,12,X'010203');
CREATE TABLE ready_reference (
    tenant_no      INTEGER NOT NULL,
    job_no         INTEGER NOT NULL,
    waits_for      BLOB    NOT NULL,
    PRIMARY KEY (tenant_no, job_no, waits_for)
) WITHOUT ROWID;
INSERT INTO "ready_reference" VALUES(1,1,X'00000000000170008000000000000001');
CREATE TABLE refinery_schema_history(
             version int4 PRIMARY KEY,
             name VARCHAR(255),
             applied_on VARCHAR(255),
             checksum VARCHAR(255));
INSERT INTO "refinery_schema_history" VALUES(1,'layout','2026-11-26T09:41:51.669128932Z','8307071794789220220');
INSERT INTO "refinery_schema_history" VALUES(2,'planner_statistics','2026-11-26T09:41:51.669137839Z','11317366015426016012');
INSERT INTO "refinery_schema_history" VALUES(3,'leases','2026-11-26T09:41:51.669137839Z','11670060250672795854');
INSERT INTO "refinery_schema_history" VALUES(4,'key_hashes','2026-11-26T09:41:51.669137839Z','11365006796208991285');
INSERT INTO "refinery_schema_history" VALUES(5,'memberships','2026-11-27T11:32:02.923060231Z','6828956929968521579');
INSERT INTO "refinery_schema_history" VALUES(6,'counts_and_failing_memberships','2026-11-27T19:12:44.103556008Z','3929844608672560777');
INSERT INTO "refinery_schema_history" VALUES(7,'matching','2026-11-28T19:22:07.472906226Z','9566042502704259802');
INSERT INTO "refinery_schema_history" VALUES(8,'continuous_mode','2026-11-29T20:56:47.984751069Z','17769464807183405181');
INSERT INTO "refinery_schema_history" VALUES(9,'recycle_bin_in_order_of_id','2026-11-29T21:12:24.183402251Z','14850308452440403789');
INSERT INTO "refinery_schema_history" VALUES(10,'refused_references','2026-11-30T04:05:24.183402251Z','11131272742129572163');
INSERT INTO "refinery_schema_history" VALUES(11,'moved_objects','2026-11-30T14:01:51.097641141Z','6100570253595265656');
INSERT INTO "refinery_schema_history" VALUES(12,'epoch_layout_and_timelines','2026-11-30T17:20:09.470469497Z','14780520427001981569');
INSERT INTO "refinery_schema_history" VALUES(13,'awaited_holders','2026-11-30T20:38:11.470469497Z','9219048204239821366');
ANALYZE "sqlite_master";
DELETE FROM "sqlite_stat1";
INSERT INTO "sqlite_stat1" VALUES('object','object','1000000 200000 100000 1');
INSERT INTO "sqlite_stat1" VALUES('object','object_changed','1000000 200000 1');
INSERT INTO "sqlite_stat1" VALUES('object','object_recycled','10000 2000 1000 1');
INSERT INTO "sqlite_stat1" VALUES('edge','edge','2000000 400000 200000 10 1');
INSERT INTO "sqlite_stat1" VALUES('edge','edge_to','2000000 400000 200000 10 1');
INSERT INTO "sqlite_stat1" VALUES('edge','edge_changed','2000000 400000 1');
INSERT INTO "sqlite_stat1" VALUES('app_role_assignment','app_role_assignment','100000 20000 10000 1 1');
INSERT INTO "sqlite_stat1" VALUES('app_role_assignment','app_role_assignment_principal','100000 20000 1');
INSERT INTO "sqlite_stat1" VALUES('app_role_assignment','app_role_assignment_changed','100000 20000 1');
INSERT INTO "sqlite_stat1" VALUES('app_role_assignment','app_role_assignment_group','1000 200 100 100 1');
INSERT INTO "sqlite_stat1" VALUES('document','document','10000 1000 100 1');
INSERT INTO "sqlite_stat1" VALUES('document','document_expiry','1000 10');
INSERT INTO "sqlite_stat1" VALUES('link','link','1000000 200000 100000 1');
INSERT INTO "sqlite_stat1" VALUES('link','link_target','1000000 200000 100000 1');
INSERT INTO "sqlite_stat1" VALUES('waiting_reference','waiting_reference','100000 20000 10000 10 1 1');
INSERT INTO "sqlite_stat1" VALUES('waiting_reference','waiting_reference_source','100000 20000 10000 1');
INSERT INTO "sqlite_stat1" VALUES('ready_reference','ready_reference','1000 200 100 1');
INSERT INTO "sqlite_stat1" VALUES('escrow','escrow','10000 2000 1000 1');
INSERT INTO "sqlite_stat1" VALUES('escrow','escrow_due','10000 2000 1000 10');
INSERT INTO "sqlite_stat1" VALUES('staged','staged','10000 2000 1000 1');
INSERT INTO "sqlite_stat1" VALUES('evaluated','evaluated','100000 20000 10000 1');
INSERT INTO "sqlite_stat1" VALUES('provisioning_log','provisioning_log','10000000 2000000 1');
INSERT INTO "sqlite_stat1" VALUES('provisioning_log','provisioning_log_job','10000000 2000000 1000000 1');
INSERT INTO "sqlite_stat1" VALUES('lease','lease','1000 200 10 1');
INSERT INTO "sqlite_stat1" VALUES('object_key','object_key','3000000 600000 1');
INSERT INTO "sqlite_stat1" VALUES('object_key_recent','object_key_recent','100000 20000 1');
INSERT INTO "sqlite_stat1" VALUES('membership_due','membership_due','1000 200 100 1');
INSERT INTO "sqlite_stat1" VALUES('object_count','object_count','20 4 1');
INSERT INTO "sqlite_stat1" VALUES('object','object_recycled_id','10000 2000 1000 1');
INSERT INTO "sqlite_stat1" VALUES('waiting_reference','waiting_reference_refused','1000 200 100 2');
INSERT INTO "sqlite_stat1" VALUES('object','object_moved','10000 2000 1');
INSERT INTO "sqlite_stat1" VALUES('escrow','escrow_waits_for','1000 200 100 2 1');
CREATE TABLE staged (
    tenant_no      INTEGER NOT NULL,
    job_no         INTEGER NOT NULL,
    source         BLOB    NOT NULL,
    kind           INTEGER NOT NULL,
    held           INTEGER NOT NULL,
    staged_at      INTEGER NOT NULL,
    PRIMARY KEY (tenant_no, job_no, source)
) WITHOUT ROWID;
INSERT INTO "staged" VALUES(1,1,X'00000000000270008000000000000002',1,1,16000000000000000);
CREATE TABLE tenant (
    tenant_no      INTEGER NOT NULL PRIMARY KEY,
    id             BLOB    NOT NULL UNIQUE,
    sequence       INTEGER NOT NULL DEFAULT 0,
    body           TEXT    NOT NULL
, epoch BLOB NOT NULL DEFAULT x'', layout INTEGER NOT NULL DEFAULT 0, timeline INTEGER, passed_over TEXT);
INSERT INTO "tenant" VALUES(1,X'C0C00000000040008000000000000001',8,'{"id":"c0c00000-0000-4000-8000-000000000001","display_name":"contoso","created_at":16000000000000000,"domains":[{"name":"contoso.onmicrosoft.com","is_default":true,"is_initial":true}]}',X'',0,NULL,NULL);
INSERT INTO "tenant" VALUES(2,X'FAFA0000000040008000000000000002',1,'{"id":"fafa0000-0000-4000-8000-000000000002","display_name":"fabrikam","created_at":16000000000000000,"domains":[{"name":"fabrikam.onmicrosoft.com","is_default":true,"is_initial":true}]}',X'',0,NULL,NULL);
CREATE TABLE waiting_reference (
    tenant_no      INTEGER NOT NULL,
    job_no         INTEGER NOT NULL,
    waits_for      BLOB    NOT NULL,
    source         BLOB    NOT NULL,
    attr           INTEGER NOT NULL,
    kind           INTEGER NOT NULL, refused INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_no, job_no, waits_for, source, attr)
) WITHOUT ROWID;
INSERT INTO "waiting_reference" VALUES(1,1,X'00000000000170008000000000000001',X'00000000000270008000000000000002',1,1,0);
CREATE UNIQUE INDEX object_changed ON object (tenant_no, changed_seq);
CREATE UNIQUE INDEX object_moved ON object (tenant_no, moved_seq) WHERE moved_seq IS NOT NULL;
CREATE INDEX object_recycled ON object (tenant_no, kind, deleted_at) WHERE state = 1;
CREATE INDEX object_recycled_id ON object (tenant_no, kind, id) WHERE state = 1;
CREATE INDEX edge_to ON edge (tenant_no, kind, to_id, from_id);
CREATE INDEX edge_changed ON edge (tenant_no, changed_seq);
CREATE INDEX app_role_assignment_principal ON app_role_assignment (tenant_no, principal);
CREATE INDEX app_role_assignment_changed ON app_role_assignment (tenant_no, changed_seq);
CREATE INDEX app_role_assignment_group ON app_role_assignment (tenant_no, resource, principal_kind, principal)
    WHERE principal_kind = 2;
CREATE INDEX document_expiry ON document (expires_at) WHERE expires_at IS NOT NULL;
CREATE UNIQUE INDEX job_id ON job (id) WHERE deleted = 0;
CREATE INDEX job_of_service_principal ON job (tenant_no, service_principal);
CREATE INDEX job_due ON job (next_due) WHERE next_due IS NOT NULL;
CREATE INDEX job_follows ON job (tenant_no, follows) WHERE follows IS NOT NULL;
CREATE UNIQUE INDEX link_target ON link (tenant_no, job_no, target);
CREATE INDEX waiting_reference_source ON waiting_reference (tenant_no, job_no, source);
CREATE INDEX waiting_reference_refused ON waiting_reference (tenant_no, job_no, waits_for) WHERE refused = 1;
CREATE INDEX escrow_due ON escrow (tenant_no, job_no, next_attempt);
CREATE INDEX escrow_waits_for ON escrow (tenant_no, job_no, waits_for, source) WHERE waits_for IS NOT NULL;
CREATE INDEX provisioning_log_job ON provisioning_log (tenant_no, job_no, id);
