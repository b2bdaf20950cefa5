//! `doctor` on databases that were damaged on purpose, each in one way: on PostgreSQL as well when a
//! server is named (`SYNCLINE_TEST_DATABASE`).

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Output;

use serde_json::Value;
use syncline_access::DirectoryRole;
use syncline_access::roles::{self, RoleAssignment};
use syncline_model::job::{Counts, CycleKind, CyclePhase, RunningCycle, Watermark};
use syncline_model::{Attr, Attrs, CycleId, EntityKind, Entry, Job, ObjectId, Problem, Timestamp};
use syncline_runner::{Secrets, StoredSchema};
use syncline_store::{Database, MasterKey, ObjectState, RULES, Store, Tx};
use uuid::Uuid;

use crate::support::{Syncline, stderr, stdout};

/// What is done to the database, and what doctor then finds: this, and nothing else.
struct Damage {
    statements: &'static str,
    finding: &'static str,
}

/// The demo's tenants are 1, the source, and 2. Nothing has the id `x'0123456789abcdef0123456789abcdef'`,
/// and no job the number 99.
const REFERENCES: [Damage; 7] = [
    Damage {
        statements: "UPDATE edge SET from_id = x'0123456789abcdef0123456789abcdef' WHERE tenant_no = 1 AND changed_seq = (SELECT MIN(changed_seq) FROM edge WHERE tenant_no = 1)",
        finding: "references: 1 references from objects that are gone, e.g. 01234567-89ab-cdef-0123-456789abcdef",
    },
    Damage {
        statements: "UPDATE edge SET to_id = x'0123456789abcdef0123456789abcdef' WHERE tenant_no = 1 AND changed_seq = (SELECT MIN(changed_seq) FROM edge WHERE tenant_no = 1)",
        finding: "references: 1 references to objects that are gone, e.g. 01234567-89ab-cdef-0123-456789abcdef",
    },
    Damage {
        statements: "UPDATE tenant SET sequence = sequence + 1 WHERE tenant_no = 1;
            INSERT INTO edge (tenant_no, kind, from_id, to_id, removed, changed_seq)
            SELECT 1, 1, from_id, from_id, 0, (SELECT sequence FROM tenant WHERE tenant_no = 1) FROM edge
            WHERE tenant_no = 1 AND kind = 1 AND removed = 0 ORDER BY from_id LIMIT 1",
        finding: "references: 1 managers beside another one of the same user",
    },
    Damage {
        statements: "UPDATE app_role_assignment SET principal = x'0123456789abcdef0123456789abcdef' WHERE tenant_no = 1 AND changed_seq = (SELECT MIN(changed_seq) FROM app_role_assignment WHERE tenant_no = 1)",
        finding: "app role assignments: 1 assignments of principals that are gone",
    },
    Damage {
        statements: "UPDATE app_role_assignment SET resource = x'0123456789abcdef0123456789abcdef' WHERE tenant_no = 1 AND changed_seq = (SELECT MIN(changed_seq) FROM app_role_assignment WHERE tenant_no = 1)",
        finding: "app role assignments: 1 assignments to service principals that are gone",
    },
    Damage {
        statements: "UPDATE link SET source = x'0123456789abcdef0123456789abcdef' WHERE state = 0 AND target = (SELECT target FROM link WHERE state = 0 ORDER BY target LIMIT 1)",
        finding: "links: 1 live links whose source object is gone without a trace",
    },
    Damage {
        statements: "UPDATE link SET target = x'0123456789abcdef0123456789abcdef' WHERE state = 0 AND source = (SELECT source FROM link WHERE state = 0 ORDER BY source LIMIT 1)",
        finding: ": the target object of 1 of 16 live links is gone",
    },
];

const COUNTS: [Damage; 3] = [
    Damage {
        statements: "UPDATE object_count SET live = live + 1 WHERE tenant_no = 1 AND kind = 1",
        finding: "object counts: 1 kinds of objects whose kept count is wrong",
    },
    Damage {
        statements: "UPDATE object_count SET recycled = recycled + 1 WHERE tenant_no = 1 AND kind = 1",
        finding: "object counts: 1 kinds of objects whose kept count is wrong",
    },
    Damage {
        statements: "DELETE FROM object_count WHERE tenant_no = 2 AND kind = 3",
        finding: "object counts: 1 objects of a kind that is not counted",
    },
];

const UNIQUE_VALUES: [Damage; 3] = [
    Damage {
        statements: "INSERT INTO object_key (tenant_no, hash, kind, id) VALUES (1, x'0123456789abcdef0123456789abcdef', 1, x'0123456789abcdef0123456789abcdef')",
        finding: "unique values: 1 unique values held by objects that are gone",
    },
    Damage {
        statements: "INSERT INTO object_key_recent (tenant_no, hash, kind, id) VALUES (1, x'0123456789abcdef0123456789abcdef', 1, x'0123456789abcdef0123456789abcdef')",
        finding: "unique values: 1 new unique values held by objects that are gone",
    },
    Damage {
        statements: "DELETE FROM object_key_recent WHERE id = (SELECT id FROM object WHERE tenant_no = 1 AND kind = 1 AND state = 0 ORDER BY id LIMIT 1);
            DELETE FROM object_key WHERE id = (SELECT id FROM object WHERE tenant_no = 1 AND kind = 1 AND state = 0 ORDER BY id LIMIT 1)",
        finding: "unique values of Contoso: 1 of 34 objects do not hold theirs",
    },
];

const CHANGE_NUMBERS: [Damage; 8] = [
    Damage {
        statements: "UPDATE object SET changed_seq = changed_seq + 1000000000000000000 WHERE tenant_no = 1 AND changed_seq = (SELECT MIN(changed_seq) FROM object WHERE tenant_no = 1)",
        finding: "change numbers: 1 objects newer than their tenant's counter",
    },
    Damage {
        statements: "UPDATE edge SET changed_seq = changed_seq + 1000000000000000000 WHERE tenant_no = 1 AND changed_seq = (SELECT MIN(changed_seq) FROM edge WHERE tenant_no = 1)",
        finding: "change numbers: 1 references newer than their tenant's counter",
    },
    Damage {
        statements: "UPDATE app_role_assignment SET changed_seq = changed_seq + 1000000000000000000 WHERE tenant_no = 1 AND changed_seq = (SELECT MIN(changed_seq) FROM app_role_assignment WHERE tenant_no = 1)",
        finding: "change numbers: 1 assignments newer than their tenant's counter",
    },
    Damage {
        statements: "UPDATE edge SET changed_seq = (SELECT MIN(changed_seq) FROM object WHERE tenant_no = 1) WHERE tenant_no = 1 AND changed_seq = (SELECT MIN(changed_seq) FROM edge WHERE tenant_no = 1)",
        finding: "change numbers: 1 references with the number of an object",
    },
    Damage {
        statements: "UPDATE edge SET changed_seq = (SELECT MAX(changed_seq) FROM edge WHERE tenant_no = 1) WHERE tenant_no = 1 AND changed_seq = (SELECT MIN(changed_seq) FROM edge WHERE tenant_no = 1)",
        finding: "change numbers: 1 references with the number of another one",
    },
    Damage {
        statements: "UPDATE app_role_assignment SET changed_seq = (SELECT MIN(changed_seq) FROM object WHERE tenant_no = 1) WHERE tenant_no = 1 AND changed_seq = (SELECT MIN(changed_seq) FROM app_role_assignment WHERE tenant_no = 1)",
        finding: "change numbers: 1 assignments with the number of something else",
    },
    Damage {
        statements: "UPDATE app_role_assignment SET changed_seq = (SELECT MIN(changed_seq) FROM edge WHERE tenant_no = 1) WHERE tenant_no = 1 AND changed_seq = (SELECT MIN(changed_seq) FROM app_role_assignment WHERE tenant_no = 1)",
        finding: "change numbers: 1 assignments with the number of something else",
    },
    Damage {
        statements: "UPDATE app_role_assignment SET changed_seq = (SELECT MAX(changed_seq) FROM app_role_assignment WHERE tenant_no = 1) WHERE tenant_no = 1 AND changed_seq = (SELECT MIN(changed_seq) FROM app_role_assignment WHERE tenant_no = 1)",
        finding: "change numbers: 1 assignments with the number of something else",
    },
];

const OWNERS: [Damage; 10] = [
    Damage {
        statements: "INSERT INTO object (tenant_no, kind, id, state, changed_seq, created_at, deleted_at, body)
            SELECT 99, kind, id, state, changed_seq, created_at, deleted_at, body FROM object WHERE tenant_no = 1 AND changed_seq = (SELECT MIN(changed_seq) FROM object WHERE tenant_no = 1)",
        finding: "tenants: 1 objects of a tenant that does not exist",
    },
    Damage {
        statements: "INSERT INTO job (job_no, id, tenant_no, service_principal, deleted, body) SELECT 99, 'another', 99, service_principal, 1, body FROM job",
        finding: "tenants: 1 jobs of a tenant that does not exist",
    },
    Damage {
        statements: "INSERT INTO link (tenant_no, job_no, source, target, kind, state, since) VALUES (1, 99, x'0123456789abcdef0123456789abcdef', x'0123456789abcdef0123456789abcdef', 1, 1, 0)",
        finding: "links: 1 links of jobs that do not exist",
    },
    Damage {
        statements: "INSERT INTO escrow (tenant_no, job_no, source, kind, first_failed, attempts, next_attempt, failure) VALUES (1, 99, x'0123456789abcdef0123456789abcdef', 1, 0, 1, 0, 'none')",
        finding: "escrow: 1 waiting retries of jobs that do not exist",
    },
    Damage {
        statements: "INSERT INTO staged (tenant_no, job_no, source, kind, held, staged_at) VALUES (1, 99, x'0123456789abcdef0123456789abcdef', 1, 0, 0)",
        finding: "staged deletes: 1 staged deletes of jobs that do not exist",
    },
    Damage {
        statements: "INSERT INTO waiting_reference (tenant_no, job_no, waits_for, source, attr, kind) VALUES (1, 99, x'0123456789abcdef0123456789abcdef', x'0123456789abcdef0123456789abcdef', 1, 1)",
        finding: "waiting references: 1 waiting references of jobs that do not exist",
    },
    Damage {
        statements: "INSERT INTO ready_reference (tenant_no, job_no, waits_for) VALUES (1, 99, x'0123456789abcdef0123456789abcdef')",
        finding: "waiting references: 1 ready references of jobs that do not exist",
    },
    Damage {
        statements: "INSERT INTO membership_due (tenant_no, job_no, source, kind, stage, place, not_before, first_failed, again) VALUES (1, 99, x'0123456789abcdef0123456789abcdef', 1, 0, x'', 0, 0, 0)",
        finding: "memberships: 1 memberships to go through of jobs that do not exist",
    },
    Damage {
        statements: "INSERT INTO evaluated (tenant_no, job_no, source) VALUES (1, 99, x'0123456789abcdef0123456789abcdef')",
        finding: "evaluated objects: 1 notes on a cycle of jobs that do not exist",
    },
    Damage {
        statements: "UPDATE provisioning_log SET job_no = 99 WHERE id = (SELECT id FROM provisioning_log ORDER BY id LIMIT 1)",
        finding: "provisioning log: 1 log entries of jobs that never were",
    },
];

const UNREADABLE: [Damage; 4] = [
    Damage {
        statements: "UPDATE document SET body = x'00' WHERE kind = 'partner' AND tenant_no = 2",
        finding: "documents: 1 of ",
    },
    Damage {
        statements: "UPDATE job SET body = x'00'",
        finding: "jobs: cannot be read: ",
    },
    Damage {
        // One in the recycle bin: of the others, unique values are read too.
        statements: "UPDATE object SET body = x'ff' WHERE tenant_no = 1 AND state = 1",
        finding: "objects: 1 of ",
    },
    Damage {
        statements: "UPDATE provisioning_log SET evidence = x'00' WHERE id = (SELECT id FROM provisioning_log ORDER BY id LIMIT 1)",
        finding: "log of Contoso: 1 of 25 entries cannot be read",
    },
];

/// What the demo leaves, as a backup: a job with live and dead links, references that wait, a log.
fn healthy() -> (Syncline, String) {
    let syncline = Syncline::new();
    assert!(
        syncline
            .run(&["demo", "--exit", "--users", "20"])
            .status
            .success()
    );
    let file = syncline.data().with_file_name("healthy.backup");
    let file = file.to_str().unwrap().to_owned();
    syncline.json(&["backup", "--with-key", &file]);
    (syncline, file)
}

/// The installation once more, in a place of its own.
fn restored(backup: &str) -> Syncline {
    let copy = Syncline::new();
    let output = on_its_database(&copy, &["restore", backup]);
    assert!(output.status.success(), "{}", stderr(&output));
    copy
}

fn on_its_database(syncline: &Syncline, arguments: &[&str]) -> Output {
    let mut command = syncline.command(arguments);
    if let Some(url) = syncline_testkit::postgres_url(&syncline.data().join("damaged")) {
        command.env("SYNCLINE_DATABASE", url);
    }
    command.output().unwrap()
}

fn damage(syncline: &Syncline, statements: &str) {
    // PostgreSQL takes `x'00'` for bits.
    let there = statements.replace("x'", "'\\x");
    if syncline_testkit::execute(&syncline.data().join("damaged"), &there) {
        return;
    }
    let file = syncline.data().join("syncline.db");
    let database = rusqlite::Connection::open(file).unwrap();
    database.execute_batch(statements).unwrap();
}

/// What is not well, one line each; all of it comes with advice.
fn found(output: &Output) -> Vec<String> {
    let diagnosis: Value = serde_json::from_slice(&output.stdout).unwrap();
    let checks = diagnosis["checks"].as_array().unwrap();
    let bad: Vec<&Value> = checks.iter().filter(|check| check["ok"] == false).collect();
    assert_eq!(diagnosis["healthy"], bad.is_empty());
    assert_eq!(output.status.code(), Some(i32::from(!bad.is_empty())));
    let line = |check: &&Value| {
        assert!(check["advice"].as_str().is_some_and(|it| !it.is_empty()));
        let text = |name: &str| check[name].as_str().unwrap().to_owned();
        format!("{}: {}", text("name"), text("finding"))
    };
    bad.iter().map(line).collect()
}

fn each_is_found(damages: &[Damage]) {
    let (_kept, backup) = healthy();
    for Damage {
        statements,
        finding,
    } in damages
    {
        let copy = restored(&backup);
        damage(&copy, statements);
        let found = found(&on_its_database(&copy, &["doctor", "--output", "json"]));
        assert!(
            found.len() == 1 && found[0].contains(finding),
            "{statements}\n{found:#?}"
        );
    }
}

#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    let (_kept, backup) = healthy();
    let output = on_its_database(&restored(&backup), &["doctor", "--output", "json"]);
    assert_eq!(found(&output), [""; 0]);
}

#[test]
fn references_and_links_to_nowhere_are_found() {
    each_is_found(&REFERENCES);
}

#[test]
fn counts_that_are_wrong_are_found() {
    each_is_found(&COUNTS);
}

#[test]
fn unique_values_without_their_object_and_the_other_way_round_are_found() {
    each_is_found(&UNIQUE_VALUES);
}

#[test]
fn change_numbers_that_hide_changes_are_found() {
    each_is_found(&CHANGE_NUMBERS);
}

#[test]
fn rows_of_tenants_and_jobs_that_do_not_exist_are_found() {
    each_is_found(&OWNERS);
}

#[test]
fn what_can_not_be_read_is_found() {
    each_is_found(&UNREADABLE);
}

/// As a version stored it that checked less, or by hand.
fn stored(syncline: &Syncline, write: impl FnOnce(&mut Tx<'_>, &Job) -> Result<(), Problem>) {
    let data = syncline.data();
    let key = MasterKey::load_or_create(&data.join("key")).unwrap();
    let database = syncline_testkit::postgres_url(&data.join("damaged"));
    let database = database.map_or_else(
        || Database::File(data.join("syncline.db")),
        Database::Postgres,
    );
    let store = Store::open_database(&database, &key).unwrap();
    store
        .write(|tx| {
            let job = tx.all_jobs()?.remove(0);
            write(tx, &job)
        })
        .unwrap();
}

#[test]
fn settings_that_no_cycle_can_follow_are_found() {
    let (_kept, backup) = healthy();
    let copy = restored(&backup);
    stored(&copy, |tx, job| {
        let secrets = [
            ("SyncAll", "yes"),
            ("SyncNotificationSettings", r#"{"DeleteThresholdValue":-3}"#),
        ];
        let secrets = secrets.map(|(key, value)| (key.to_owned(), value.to_owned()));
        Secrets::merge(tx, job.tenant, job.service_principal, &secrets)?;
        let mut schema = StoredSchema::load(tx, job)?;
        let mapping = &mut schema.synchronization_rules[0].object_mappings[0];
        mapping.attribute_mappings[0].target_attribute_name = Some("nothingLikeIt".to_owned());
        StoredSchema::store(tx, job, schema)
    });
    let output = on_its_database(&copy, &["doctor", "--output", "json"]);
    let found = found(&output);
    let [secrets, schema] = &found[..] else {
        panic!("{found:#?}")
    };
    assert!(secrets.starts_with("secrets of Azure2Azure."), "{secrets}");
    for part in [
        ": Contoso: ",
        "'SyncAll' is not valid. Expected: true or false.",
        "'SyncNotificationSettings' is not valid: ",
    ] {
        assert!(secrets.contains(part), "{secrets}");
    }
    assert!(schema.starts_with("schema of Azure2Azure."), "{schema}");
    assert!(schema.contains(": Contoso: "), "{schema}");
    let said = stdout(&on_its_database(&copy, &["doctor"]));
    for advice in [
        "/synchronization/secrets; until then a cycle holds 500 deletes and disables or more",
        "cycles fail until it is corrected: syncline schema export --job Azure2Azure.",
    ] {
        assert!(said.contains(advice), "{said}");
    }
}

/// An earlier version took it; `jobs show` tells it, too.
#[test]
fn groups_that_can_not_be_looked_for_are_found() {
    let (_kept, backup) = healthy();
    let copy = restored(&backup);
    let mut job_id = String::new();
    let mut store = |enabled: bool| {
        stored(&copy, |tx, job| {
            job_id = job.id.to_string();
            let mut schema = StoredSchema::load(tx, job)?;
            let groups = &mut schema.synchronization_rules[0].object_mappings[1];
            groups.enabled = enabled;
            groups.attribute_mappings[2].matching_priority = 2;
            StoredSchema::store(tx, job, schema)
        });
    };
    // No group is looked for while they are switched off.
    store(false);
    let output = on_its_database(&copy, &["doctor", "--output", "json"]);
    assert_eq!(found(&output), [""; 0]);
    store(true);
    let output = on_its_database(&copy, &["doctor", "--output", "json"]);
    let found = found(&output);
    let [schema] = &found[..] else {
        panic!("{found:#?}")
    };
    let wrong = "synchronizationRules[0].objectMappings[1].attributeMappings[2]: groups of another tenant are matched by `alternativeSecurityIds`";
    let way_out = format!(
        "all else is synchronized, until it is corrected: syncline schema export --job {job_id}"
    );
    assert!(schema.contains(wrong), "{schema}");
    let show = ["jobs", "show", "--job", &job_id];
    for command in [&["doctor"][..], &show] {
        let said = stdout(&on_its_database(&copy, command));
        for part in [wrong, &way_out] {
            assert!(said.contains(part), "{said}");
        }
    }
}

#[test]
fn roles_that_were_given_to_groups_and_do_not_count_are_found() {
    let (_kept, backup) = healthy();
    let copy = restored(&backup);
    let [strong, plain, lone, gone] = [1, 2, 3, 4].map(|number| ObjectId::from_bytes([number; 16]));
    let role = DirectoryRole::UserAdministrator;
    let assignment = Uuid::from_u128(7);
    stored(&copy, |tx, job| {
        let group = |id, for_roles, name: &str| Entry {
            id,
            kind: EntityKind::Group,
            attrs: Attrs::new()
                .with(Attr::DISPLAY_NAME, name)
                .with(Attr::IS_ASSIGNABLE_TO_ROLE, for_roles),
        };
        let groups = [
            group(strong, true, "strong"),
            group(plain, false, "plain"),
            group(gone, true, "gone"),
        ];
        let now = Timestamp::from_seconds(1_700_000_000);
        tx.insert_objects(job.tenant, &groups, now)?;
        tx.move_objects(job.tenant, &groups[2..], ObjectState::Deleted, now)?;
        // That of one who is no group counts.
        for principal in [strong, plain, lone, gone] {
            let old = RoleAssignment {
                id: assignment,
                principal,
                role,
                to_group: false,
            };
            let key = format!("{principal}/{}", role.template_id());
            tx.put_document(Some(job.tenant), &key, &old, None)?;
        }
        Ok(())
    });
    let output = on_its_database(&copy, &["doctor", "--output", "json"]);
    assert_eq!(
        found(&output),
        [format!(
            "directory roles of Contoso: given to groups by an older version, without counting for anybody: User Administrator to 'strong' ({strong}); User Administrator to 'plain' ({plain}); User Administrator to 'gone' ({gone})"
        )]
    );
    let said = stdout(&on_its_database(&copy, &["doctor"]));
    for advice in [
        format!(
            "POST /v1.0/directoryRoles/{}/members/$ref",
            role.template_id()
        ),
        format!("DELETE /v1.0/roleManagement/directory/roleAssignments/{assignment}"),
        "'gone' is in the recycle bin: take it away".to_owned(),
    ] {
        assert!(said.contains(&advice), "{said}");
    }
    // The command that it names.
    stored(&copy, |tx, job| {
        roles::revoke(tx, job.tenant, strong, role)?;
        Ok(())
    });
    let said = stdout(&on_its_database(&copy, &["doctor"]));
    assert!(
        said.contains("without counting for anybody: User Administrator to 'plain'"),
        "{said}"
    );
    assert!(
        said.contains("cannot hold roles") && !said.contains("POST /v1.0/directoryRoles"),
        "{said}"
    );
}

/// A cycle in progress that leaves this watermark behind.
fn cycle(until: Watermark) -> RunningCycle {
    RunningCycle {
        id: CycleId::from_bytes([1; 16]),
        kind: CycleKind::Incremental,
        began: Timestamp(0),
        phase: CyclePhase::Source,
        counts: Counts::default(),
        skipped_by_reason: BTreeMap::new(),
        imported: 0,
        entitled: 0,
        total: 0,
        until,
        cursor: String::new(),
        configuration_generation: 0,
        references_failed: 0,
        in_parts: false,
        reevaluates: false,
        walks_groups: false,
        in_between: false,
        passed_over: 0,
        due: None,
        had_links: false,
    }
}

/// A job that believes to have read what will be written yet passes over it.
#[test]
fn jobs_that_are_ahead_of_their_tenant_are_found() {
    let (_kept, backup) = healthy();
    let ahead: [fn(&mut Job); 2] = [
        |job| job.watermark.as_mut().unwrap().sequence += 1 << 60,
        |job| {
            let until = Watermark {
                sequence: 1 << 60,
                token: None,
            };
            job.running = Some(cycle(until));
        },
    ];
    for change in ahead {
        let copy = restored(&backup);
        stored(&copy, |tx, job| {
            let mut job = job.clone();
            change(&mut job);
            Ok(tx.update_job(&job)?)
        });
        let output = on_its_database(&copy, &["doctor", "--output", "json"]);
        let found = found(&output);
        let [watermark] = &found[..] else {
            panic!("{found:#?}")
        };
        assert!(
            watermark.starts_with("watermark of Azure2Azure.") && watermark.contains("Contoso: "),
            "{watermark}"
        );
        let said = stdout(&on_its_database(&copy, &["doctor"]));
        assert!(said.contains("--scope Watermark"), "{said}");
    }
}

#[test]
fn every_rule_has_a_damage_that_breaks_it() {
    let all = [
        &REFERENCES[..],
        &COUNTS,
        &UNIQUE_VALUES,
        &CHANGE_NUMBERS,
        &OWNERS,
        &UNREADABLE,
    ];
    for rule in RULES {
        let finding = format!("{}: 1 {}", rule.name, rule.wrong);
        // A damage may tell the beginning of the finding, or its end, too.
        let breaks =
            |it: &Damage| finding.starts_with(it.finding) || it.finding.starts_with(&finding);
        assert!(all.into_iter().flatten().any(breaks), "{finding}");
    }
}

/// Two people in the embedded database.
fn embedded() -> Syncline {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    let users = syncline.file(
        "users.csv",
        b"userPrincipalName,displayName\nana@contoso.example,Ana\nbo@contoso.example,Bo\n",
    );
    syncline.json(&["import", "--tenant", "contoso.example", &users]);
    syncline
}

#[test]
fn broken_pages_are_found() {
    let syncline = embedded();
    let file = syncline.data().join("syncline.db");
    let mut bytes = std::fs::read(&file).unwrap();
    let database = rusqlite::Connection::open(&file).unwrap();
    let root: usize = database
        .query_row(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'provisioning_log_job'",
            [],
            |row| row.get::<_, i64>(0),
        )
        .unwrap()
        .try_into()
        .unwrap();
    drop(database);
    let at = (root - 1) * 8192;
    bytes[at..at + 64].fill(0x5a);
    std::fs::write(&file, bytes).unwrap();
    let output = syncline.run(&["doctor"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stdout(&output).contains("problem  database pages"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn a_key_that_others_may_read_is_found() {
    let syncline = embedded();
    let key = syncline.data().join("key");
    std::fs::set_permissions(key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let output = syncline.run(&["doctor", "--output", "json"]);
    assert_eq!(found(&output), ["key file: others may read it (mode 644)"]);
}

#[test]
fn a_write_ahead_log_that_was_never_folded_in_is_found() {
    let syncline = embedded();
    let log = std::fs::File::create(syncline.data().join("syncline.db-wal")).unwrap();
    // Nothing but length, which takes no room.
    log.set_len(600 << 20).unwrap();
    let output = syncline.run(&["doctor", "--output", "json"]);
    assert_eq!(found(&output), ["write-ahead log: 600 MiB"]);
}

#[test]
fn a_certificate_that_can_not_be_read_is_found() {
    let syncline = embedded();
    let server = syncline.serve(&["--no-scheduler"]);
    assert_eq!(server.stop(), Some(0));
    assert_eq!(
        found(&syncline.run(&["doctor", "--output", "json"])),
        [""; 0]
    );
    for entry in std::fs::read_dir(syncline.data().join("tls")).unwrap() {
        std::fs::write(entry.unwrap().path(), "nonsense").unwrap();
    }
    let found = found(&syncline.run(&["doctor", "--output", "json"]));
    assert!(
        found.len() == 1 && found[0].starts_with("certificate: "),
        "{found:?}"
    );
}
