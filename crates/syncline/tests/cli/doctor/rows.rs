//! Rows that contradict others, or can not be read.

use serde_json::Value;
use syncline_store::{RULES, Rule};

use super::{found, healthy, on_its_database, restored};
use crate::support::{Syncline, stderr};

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

const UNIQUE_VALUES: [Damage; 7] = [
    Damage {
        statements: "INSERT INTO object_key (tenant_no, hash, kind, id) VALUES (1, x'0123456789abcdef0123456789abcdef', 1, x'0123456789abcdef0123456789abcdef')",
        finding: "unique values: 1 unique values held by objects that are gone",
    },
    Damage {
        statements: "INSERT INTO object_key_recent (tenant_no, hash, kind, id) VALUES (1, x'0123456789abcdef0123456789abcdef', 1, x'0123456789abcdef0123456789abcdef')",
        finding: "unique values: 1 new unique values held by objects that are gone",
    },
    Damage {
        // Whichever of the two has it.
        statements: "INSERT INTO object_key (tenant_no, hash, kind, id) SELECT tenant_no, hash, kind, id FROM object_key_recent WHERE tenant_no = 1 AND hash = (SELECT hash FROM (SELECT hash FROM object_key WHERE tenant_no = 1 UNION SELECT hash FROM object_key_recent WHERE tenant_no = 1) AS held ORDER BY hash LIMIT 1);
            INSERT INTO object_key_recent (tenant_no, hash, kind, id) SELECT tenant_no, hash, kind, id FROM object_key WHERE tenant_no = 1 AND hash = (SELECT hash FROM (SELECT hash FROM object_key WHERE tenant_no = 1 UNION SELECT hash FROM object_key_recent WHERE tenant_no = 1) AS held ORDER BY hash LIMIT 1) ON CONFLICT DO NOTHING",
        finding: "unique values: 1 new unique values that are among the older ones as well",
    },
    Damage {
        statements: "DELETE FROM object_key_recent WHERE id = (SELECT id FROM object WHERE tenant_no = 1 AND kind = 1 AND state = 0 ORDER BY id LIMIT 1);
            DELETE FROM object_key WHERE id = (SELECT id FROM object WHERE tenant_no = 1 AND kind = 1 AND state = 0 ORDER BY id LIMIT 1)",
        finding: "unique values of contoso.example: 1 of 35 objects do not hold theirs",
    },
    Damage {
        // Somebody whom their source finds again in the recycle bin.
        statements: "DELETE FROM object_key_recent WHERE id = (SELECT id FROM object WHERE tenant_no = 2 AND kind = 1 AND state = 1 ORDER BY id LIMIT 1);
            DELETE FROM object_key WHERE id = (SELECT id FROM object WHERE tenant_no = 2 AND kind = 1 AND state = 1 ORDER BY id LIMIT 1)",
        finding: "unique values of fabrikam.example: 1 of 22 objects do not hold theirs",
    },
    Damage {
        statements: "INSERT INTO object_key (tenant_no, hash, kind, id) SELECT 1, x'0123456789abcdef0123456789abcdef', 1, id FROM object WHERE tenant_no = 1 AND kind = 1 AND state = 0 ORDER BY id LIMIT 1",
        finding: "holders of unique values of contoso.example: 1 of ",
    },
    Damage {
        statements: "INSERT INTO object_key_recent (tenant_no, hash, kind, id) SELECT 1, x'0123456789abcdef0123456789abcdef', 1, id FROM object WHERE tenant_no = 1 AND kind = 1 AND state = 1",
        finding: "holders of unique values of contoso.example: 1 of ",
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

const UNREADABLE: [Damage; 6] = [
    Damage {
        statements: "UPDATE document SET body = x'00' WHERE kind = 'partner' AND tenant_no = 2",
        finding: "documents: 1 of ",
    },
    Damage {
        statements: "UPDATE job SET body = x'00'",
        finding: "jobs: 1 of 1 cannot be read, e.g. Azure2Azure.",
    },
    Damage {
        statements: "UPDATE tenant SET body = '{' WHERE tenant_no = 1",
        finding: "tenants: 1 of 2 cannot be read, e.g. ",
    },
    Damage {
        statements: "UPDATE tenant SET body = '{' WHERE tenant_no = 2",
        finding: "tenants: 1 of 2 cannot be read, e.g. ",
    },
    Damage {
        // One that is deleted for good: of the others, unique values are read too.
        statements: "UPDATE tenant SET sequence = sequence + 1 WHERE tenant_no = 1;
            INSERT INTO object (tenant_no, kind, id, state, changed_seq, created_at, deleted_at, body)
            SELECT 1, 1, x'0123456789abcdef0123456789abcdef', 2, sequence, 1, NULL, x'ff' FROM tenant WHERE tenant_no = 1",
        finding: "objects: 1 of ",
    },
    Damage {
        statements: "UPDATE provisioning_log SET evidence = x'00' WHERE id = (SELECT id FROM provisioning_log ORDER BY id LIMIT 1)",
        finding: "log of contoso.example: 1 of 25 entries cannot be read",
    },
];

const RECYCLE_BINS: [Damage; 2] = [
    Damage {
        statements: "UPDATE object SET deleted_at = NULL WHERE tenant_no = 1 AND state = 1",
        finding: "recycle bins: 1 objects in the recycle bin since nobody knows when, or elsewhere since then",
    },
    Damage {
        statements: "UPDATE object SET deleted_at = 1 WHERE tenant_no = 1 AND kind = 1 AND id = (SELECT id FROM object WHERE tenant_no = 1 AND kind = 1 AND state = 0 ORDER BY id LIMIT 1)",
        finding: "recycle bins: 1 objects in the recycle bin since nobody knows when, or elsewhere since then",
    },
];

/// Columns by which something is found.
const COPIES: [Damage; 6] = [
    Damage {
        statements: "UPDATE job SET next_due = COALESCE(next_due, 0) + 1",
        finding: "job schedules: 1 of 1 jobs are not looked for when they say, e.g. Azure2Azure.",
    },
    Damage {
        statements: "UPDATE job SET next_due = NULL",
        finding: "job schedules: 1 of 1 jobs are not looked for when they say, e.g. Azure2Azure.",
    },
    Damage {
        statements: "UPDATE job SET follows = 1000000",
        finding: "job schedules: 1 of 1 jobs are not looked for when they say, e.g. Azure2Azure.",
    },
    Damage {
        statements: "DELETE FROM domain WHERE name = 'contoso.example'",
        finding: "domains: 1 do not lead to the tenant that has them, e.g. contoso.example",
    },
    Damage {
        statements: "INSERT INTO domain (name, tenant_no) VALUES ('other.example', 1)",
        finding: "domains: 1 do not lead to the tenant that has them, e.g. other.example",
    },
    Damage {
        statements: "UPDATE domain SET tenant_no = 2 WHERE name = 'contoso.example'",
        finding: "domains: 1 do not lead to the tenant that has them, e.g. contoso.example",
    },
];

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
fn recycle_bins_from_which_nothing_would_go_are_found() {
    each_is_found(&RECYCLE_BINS);
}

#[test]
fn columns_by_which_jobs_and_tenants_would_not_be_found_are_found() {
    each_is_found(&COPIES);
}

#[test]
fn what_can_not_be_read_is_found() {
    each_is_found(&UNREADABLE);
}

#[test]
fn what_else_there_is_is_looked_at_beside_a_tenant_and_a_job_that_can_not_be_read() {
    let (_kept, backup) = healthy();
    let copy = restored(&backup);
    damage(
        &copy,
        "INSERT INTO job (id, tenant_no, service_principal, body) SELECT 'Azure2Azure.unreadable', 1, service_principal, '{' FROM job;
         UPDATE tenant SET body = '{' WHERE tenant_no = 1;
         DELETE FROM object_count WHERE tenant_no = 2 AND kind = 3;
         UPDATE link SET target = x'0123456789abcdef0123456789abcdef' WHERE state = 0 AND source = (SELECT source FROM link WHERE state = 0 ORDER BY source LIMIT 1)",
    );
    let output = on_its_database(&copy, &["doctor", "--output", "json"]);
    let found = found(&output);
    let expected = [
        "tenants: 1 of 2 cannot be read, e.g. ",
        "object counts: 1 objects of a kind",
        "jobs: 1 of 2 cannot be read, e.g. Azure2Azure.unreadable",
        "the target object of 1 of 16 live links is gone",
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.contains(expected), "{found}");
    }
}

#[test]
fn a_tenant_and_a_job_that_can_not_be_read_hold_up_no_other_and_are_replaced_by_a_restore() {
    let (_kept, backup) = healthy();
    let copy = restored(&backup);
    let listed = |what: &str| -> Value {
        let output = on_its_database(&copy, &[what, "list", "--output", "json"]);
        assert!(output.status.success(), "{}", stderr(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let (tenants, jobs) = (listed("tenant"), listed("jobs"));
    damage(
        &copy,
        "INSERT INTO job (id, tenant_no, service_principal, body) SELECT 'Azure2Azure.unreadable', 1, service_principal, '{' FROM job;
         UPDATE tenant SET body = '{' WHERE tenant_no = 1",
    );
    let found = listed("tenant");
    assert_eq!(found["tenants"], serde_json::json!([tenants["tenants"][1]]));
    let first = &tenants["tenants"][0]["tenantId"];
    assert_eq!(found["unreadable"], serde_json::json!([first]));
    let found = listed("jobs");
    assert_eq!(found["jobs"][0]["jobId"], jobs["jobs"][0]["jobId"]);
    assert_eq!(found["jobs"][0]["source"], *first);
    assert_eq!(
        found["unreadable"],
        serde_json::json!(["Azure2Azure.unreadable"])
    );
    for what in ["tenant", "jobs"] {
        let output = on_its_database(&copy, &[what, "list"]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("cannot be read"), "{text}");
    }

    let output = on_its_database(&copy, &["restore", "--force", &backup]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(listed("tenant"), tenants);
    let found = listed("jobs");
    assert_eq!(found["jobs"][0]["jobId"], jobs["jobs"][0]["jobId"]);
    assert_eq!(found.get("unreadable"), None);
}

#[test]
fn secrets_that_can_not_be_read_are_told_of_their_job_and_blind_nobody() {
    let (_kept, backup) = healthy();
    let copy = restored(&backup);
    let said = |arguments: &[&str]| -> String {
        let output = on_its_database(&copy, arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    let json = |arguments: &[&str]| -> Value {
        let text = said(&[arguments, &["--output", "json"]].concat());
        serde_json::from_str(&text).unwrap()
    };
    let before = json(&["jobs", "list"])["jobs"][0].clone();
    assert_eq!(before.get("secretsUnreadable"), None);
    damage(
        &copy,
        "UPDATE document SET body = substr(body, 1, 1) WHERE kind = 'synchronization_secrets'",
    );
    let after = &json(&["jobs", "list"])["jobs"][0];
    assert_eq!(after["secretsUnreadable"], true);
    assert_eq!(after["target"], Value::Null);
    assert_eq!(after["name"], before["name"]);
    let problem = &after["deletionThreshold"]["problem"];
    assert!(problem.as_str().unwrap().contains("cannot be read"));
    let job = before["jobId"].as_str().unwrap();
    let listed = said(&["jobs", "list"]);
    assert!(
        listed.contains("unknown: the secrets cannot be read"),
        "{listed}"
    );
    let shown = said(&["jobs", "show", "--job", job]);
    assert!(shown.contains("threshold  unknown"), "{shown}");
    // What is done to the job is done, and told.
    for (done, status) in [
        ("pause", "Paused"),
        ("start", "Active"),
        ("restart", "Active"),
    ] {
        let told = json(&["jobs", done, "--job", job]);
        assert_eq!(told["status"], status, "{done}");
        assert_eq!(json(&["jobs", "show", "--job", job])["status"], status);
    }
    let found = found(&on_its_database(&copy, &["doctor", "--output", "json"]));
    let [documents, secrets] = &found[..] else {
        panic!("{found:#?}");
    };
    assert!(documents.starts_with("documents: 1 of "), "{documents}");
    assert!(secrets.contains(&format!("secrets of {job}: Contoso: they cannot be read")));
}

#[test]
fn an_entry_of_the_log_that_can_not_be_read_takes_no_other_away() {
    let (_kept, backup) = healthy();
    let copy = restored(&backup);
    let json = |arguments: &[&str]| -> Value {
        let output = on_its_database(&copy, &[arguments, &["--output", "json"]].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let before = json(&["logs"]);
    assert_eq!(before.get("unreadable"), None);
    let entries = before["value"].as_array().unwrap();
    let id = &entries[0]["sourceIdentity"]["id"];
    let user = ["--user", id.as_str().unwrap()];
    damage(
        &copy,
        "UPDATE provisioning_log SET evidence = x'00' WHERE id = (SELECT id FROM provisioning_log ORDER BY id DESC LIMIT 1)",
    );
    let after = json(&["logs"]);
    assert_eq!(after["value"], serde_json::json!(entries[1..]));
    let unreadable = serde_json::json!([entries[0]["id"]]);
    assert_eq!(after["unreadable"], unreadable);
    assert_eq!(
        json(&[&["logs"][..], &user].concat())["unreadable"],
        unreadable
    );
    let job = entries[0]["jobId"].as_str().unwrap();
    let explain = [&["explain", "--job", job][..], &user].concat();
    assert_eq!(json(&explain)["unreadable"], unreadable);
    let doctor = ["doctor"];
    for (arguments, said) in [
        (&["logs"][..], "cannot be read: 1 log entry(s)"),
        (&explain, "cannot be read: 1 log entry(s)"),
        (&doctor, "they go by themselves with the log's retention"),
    ] {
        let text = String::from_utf8(on_its_database(&copy, arguments).stdout).unwrap();
        assert!(text.contains(said), "{arguments:?}\n{text}");
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
        &RECYCLE_BINS,
    ];
    for rule in RULES {
        let finding = format!("{}: 1 {}", rule.name, rule.wrong);
        // A damage may tell the beginning of the finding, or its end, too.
        let breaks =
            |it: &Damage| finding.starts_with(it.finding) || it.finding.starts_with(&finding);
        assert!(all.into_iter().flatten().any(breaks), "{finding}");
    }
}

#[test]
fn nobody_is_told_to_restart_a_job_that_does_not_exist() {
    let of_no_job = |rule: &&Rule| rule.wrong.contains("of jobs that");
    let rules: Vec<&Rule> = RULES.iter().filter(of_no_job).collect();
    assert!(rules.len() > 6);
    for rule in rules {
        assert!(!rule.advice.contains("jobs restart"), "{}", rule.wrong);
    }
}
