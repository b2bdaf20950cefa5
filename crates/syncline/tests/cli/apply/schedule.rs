//! How often a job runs, and what becomes of those who leave its scope.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    BEGIN, POLICY, apply, as_contoso, changes, file, job, plan, refused, service_principal,
    two_tenants,
};
use crate::support::stdout;

#[test]
fn a_file_says_how_often_a_job_runs() {
    let syncline = two_tenants();
    let wanted = format!(
        "{POLICY}    scope: all\n    interval: PT20M\n    continuous: true\n    state: started\n"
    );
    let applied = apply(&syncline, &wanted);
    let made = &applied["configurations"][0]["changes"];
    assert!(
        made.as_array()
            .unwrap()
            .contains(&json!({ "what": "interval", "from": "PT40M", "to": "PT20M" })),
        "{made}"
    );
    let shown = || syncline.json(&["jobs", "show", "--job", &job(&applied)]);
    assert_eq!(shown()["intervalSeconds"], 1_200);
    assert_eq!(shown()["continuous"], true);
    assert_eq!(shown()["status"], "NotRun", "it is started");

    // The same value in another form is the same.
    let same = apply(&syncline, "    interval: PT1200S\n    continuous: true\n");
    assert_eq!(changes(&same), Vec::<&str>::new());
    // What is left out stays, and what else is written with it does not undo it.
    let other = apply(
        &syncline,
        "    accidentalDeletionThreshold: 3\n    continuous: false\n    interval: P1D\n",
    );
    assert_eq!(
        changes(&other),
        ["accidentalDeletionThreshold", "interval", "continuous"]
    );
    assert_eq!(shown()["intervalSeconds"], 86_400);
    assert_eq!(shown()["continuous"], false);
    assert_eq!(shown()["deletionThreshold"]["value"], 3);
    let first = apply(&syncline, "    interval: PT40M\n");
    assert_eq!(changes(&first), ["interval"]);

    // A new configuration has that interval at first.
    let second = "  - { name: Second, source: contoso.example, target: fabrikam.example, interval: PT40M, continuous: false }\n";
    let second = syncline.file("second.yaml", format!("{BEGIN}{second}").as_bytes());
    assert_eq!(
        changes(&syncline.json(&["apply", &second])),
        ["createConfiguration", "createJob"]
    );
}

#[test]
fn a_job_that_has_all_settings_it_may_have_gets_no_other() {
    let syncline = two_tenants();
    let id = job(&apply(&syncline, &format!("{POLICY}    scope: all\n")));
    // As over Graph.
    let settings: Vec<Value> = (0..100)
        .map(|number| json!([format!("Setting{number}"), "1"]))
        .collect();
    let database = rusqlite::Connection::open(syncline.data().join("syncline.db")).unwrap();
    let changed = database.execute(
        "UPDATE job SET body = json_set(body, '$.settings', json(?1)) WHERE id = ?2",
        (Value::from(settings).to_string(), &id),
    );
    assert_eq!(changed.unwrap(), 1);
    drop(database);

    let continuous = file(&syncline, "    continuous: true\n    interval: PT20M\n");
    for arguments in [
        &["apply", &continuous][..],
        &["plan", "--file", &continuous],
    ] {
        let said = refused(&syncline, arguments);
        assert!(said.contains("A job has at most 100 settings."), "{said}");
    }
    let shown = || syncline.json(&["jobs", "show", "--job", &id]);
    assert_eq!(shown()["intervalSeconds"], 2_400);
    // What is no setting is changed all the same.
    assert_eq!(
        changes(&apply(&syncline, "    interval: PT20M\n")),
        ["interval"]
    );
    assert_eq!(shown()["intervalSeconds"], 1_200);
}

#[test]
fn the_first_cycle_follows_a_change_of_a_file_that_is_written_with_the_schedule() {
    let syncline = two_tenants();
    let wanted = format!("{POLICY}    scope: all\n    state: started\n");
    let job = job(&apply(&syncline, &wanted));
    let run = || syncline.json(&["jobs", "run", "--job", &job, "--wait"]);
    assert_eq!(run()["counts"]["created"], 3);

    // The scope and the interval are kept in different places, and the job in a third: both are followed.
    let narrower = file(
        &syncline,
        "    scope: assigned\n    interval: PT10M\n    assigned: { users: [ana@contoso.example] }\n",
    );
    syncline.json(&["apply", &narrower, "--remove"]);
    assert_eq!(run()["counts"]["deleted"], 2);
}

#[test]
fn whoever_leaves_the_scope_stays_where_the_file_says_so() {
    let syncline = two_tenants();
    let keep = "    skipOutOfScopeDeletions: true\n";
    let wanted = format!("{POLICY}    scope: all\n{keep}    state: started\n");
    let job = job(&apply(&syncline, &wanted));
    let run = || -> Value {
        let report = syncline.json(&["jobs", "run", "--job", &job, "--wait"]);
        report["counts"].clone()
    };
    assert_eq!(run()["created"], 3);
    let narrower = file(&syncline, "    scope: assigned\n");
    syncline.json(&["apply", &narrower, "--remove"]);
    assert_eq!(run()["deleted"], 0);

    // Whoever leaves it from then on is deleted: that is asked for.
    let no_longer = file(&syncline, "    skipOutOfScopeDeletions: false\n");
    let said = refused(&syncline, &["apply", &no_longer]);
    assert!(
        said.contains("- whoever leaves the scope no longer stays in the target"),
        "{said}"
    );
    syncline.json(&["apply", &no_longer, "--remove"]);
    let assigned = |whom: &str| file(&syncline, &format!("    assigned: {{ users: [{whom}] }}\n"));
    syncline.json(&["apply", &assigned("ana@contoso.example")]);
    assert_eq!(run()["deleted"], 0, "who was let go of stays");
    syncline.json(&["apply", &assigned(""), "--remove"]);
    assert_eq!(run()["deleted"], 1);
}

#[test]
fn a_file_says_when_failed_objects_are_tried_again() {
    let syncline = two_tenants();
    let retries = "    retries: { after: [PT1H, PT4H], giveUpAfter: P14D }\n";
    let applied = apply(&syncline, &format!("{POLICY}{retries}"));
    let made = applied["configurations"][0]["changes"].as_array().unwrap();
    let change = json!({
        "what": "retries",
        "from": { "after": ["PT6H", "PT12H", "PT24H"], "every": "PT24H", "giveUpAfter": "PT672H" },
        "to": { "after": ["PT1H", "PT4H"], "every": "PT24H", "giveUpAfter": "PT336H" },
    });
    assert!(made.contains(&change), "{applied}");
    let shown = || stdout(&syncline.run(&["jobs", "show", "--job", &job(&applied)]));
    let now = "after 1 hour and 4 hours, then every day, for 14 days";
    assert!(shown().contains(now), "{}", shown());

    // What is left out stays, and the same in another form is the same.
    let every = "    retries: { every: PT12H, after: [PT60M, PT4H] }\n";
    let planned = syncline.run(&["plan", "--file", &file(&syncline, every)]);
    assert!(
        stdout(&planned).contains(&format!(
            "~ retries: {now} → after 1 hour and 4 hours, then every 12 hours, for 14 days"
        )),
        "{}",
        stdout(&planned)
    );
    assert_eq!(changes(&apply(&syncline, every)), ["retries"]);
    assert_eq!(changes(&plan(&syncline, retries)), Vec::<&str>::new());
    assert!(shown().contains("then every 12 hours, for 14 days"));
}

/// It says the same as the file's threshold, and would stay in force where it is the stricter one.
#[test]
fn a_threshold_takes_the_place_of_the_setting_of_the_job() {
    let syncline = two_tenants();
    let threshold = "    accidentalDeletionThreshold: 20\n";
    let id = job(&apply(&syncline, &format!("{POLICY}{threshold}")));
    let configuration = service_principal(&syncline, &id);
    let setting = json!({ "name": "QuarantineTooManyDeletesThreshold", "value": "7" });
    let path = format!("servicePrincipals/{configuration}/synchronization/jobs/{id}");
    let body = json!({ "synchronizationJobSettings": [setting] });
    as_contoso(&syncline, [(Method::PATCH, &path, body)]);
    let shown = || syncline.json(&["jobs", "show", "--job", &id])["deletionThreshold"].clone();
    assert_eq!(shown(), json!({ "enabled": true, "value": 7 }));

    let wanted = file(&syncline, threshold);
    let said = refused(&syncline, &["apply", &wanted]);
    assert!(said.contains("--remove"), "{said}");
    let applied = syncline.json(&["apply", &wanted, "--remove"]);
    let change = json!({ "what": "accidentalDeletionThreshold", "from": 7, "to": 20 });
    assert_eq!(applied["configurations"][0]["changes"], json!([change]));
    assert_eq!(shown(), json!({ "enabled": true, "value": 20 }));
    assert_eq!(changes(&plan(&syncline, threshold)), Vec::<&str>::new());
}

#[test]
fn a_file_says_who_is_written_to_and_leaves_the_threshold_as_it_is() {
    let syncline = two_tenants();
    let threshold = "    accidentalDeletionThreshold: 20\n";
    let id = job(&apply(&syncline, &format!("{POLICY}{threshold}")));
    let on = "    notifications: { enabled: true, recipients: it@contoso.example }\n";
    let applied = apply(&syncline, on);
    let change = json!({
        "what": "notifications",
        "from": { "enabled": false, "recipients": "" },
        "to": { "enabled": true, "recipients": "it@contoso.example" },
    });
    assert_eq!(
        applied["configurations"][0]["changes"],
        json!([change]),
        "{applied}"
    );
    // Nobody is to wait for mail that does not come.
    let remark = &applied["configurations"][0]["remarks"][0];
    assert!(remark.as_str().unwrap().contains("nobody is notified"));
    let off = file(&syncline, "    notifications: { enabled: false }\n");
    let planned = stdout(&syncline.run(&["plan", "--file", &off]));
    assert!(
        planned.contains("~ notifications: on, to it@contoso.example → off, to it@contoso.example"),
        "{planned}"
    );
    // Both are kept in one place, and neither undoes the other.
    let looser = file(&syncline, "    accidentalDeletionThreshold: off\n");
    syncline.json(&["apply", &looser, "--remove"]);
    assert_eq!(changes(&plan(&syncline, on)), Vec::<&str>::new());
    let both = format!("{threshold}    notifications: {{ recipients: '' }}\n");
    assert_eq!(
        changes(&apply(&syncline, &both)),
        ["accidentalDeletionThreshold", "notifications"]
    );
    let shown = syncline.json(&["jobs", "show", "--job", &id]);
    assert_eq!(shown["deletionThreshold"]["value"], 20);
    assert_eq!(shown["deletionThreshold"]["problem"], Value::Null);
}
