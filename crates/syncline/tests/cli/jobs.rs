//! `jobs …`: about jobs that are not there, and what is said of cycles that did not do everything.

use serde_json::{Value, json};
use syncline_model::job::ScheduleState;
use syncline_model::{JobId, Problem};
use syncline_store::{Database, MasterKey, Store};

use crate::configuration::{THRESHOLD, change_schema, installation};
use crate::support::{Syncline, stdout, wait_until};

#[test]
fn an_unknown_job_is_told() {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    for command in ["show", "run", "start", "pause", "restart"] {
        let message = syncline.fails(&["jobs", command, "--job", "Azure2Azure.nobody"]);
        assert!(
            message.contains("there is no job `Azure2Azure.nobody`"),
            "{message}"
        );
        assert!(message.contains("help: `syncline jobs list`"), "{message}");
    }
}

#[test]
fn no_jobs_and_no_log_are_answers_too() {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    assert_eq!(
        syncline.json(&["jobs", "list"])["jobs"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
    assert_eq!(
        syncline.json(&["logs"])["value"].as_array().unwrap().len(),
        0
    );
    assert!(stdout(&syncline.run(&["logs"])).contains("no such entry"));
}

/// The mapping of people.
fn of_people(schema: &mut Value) -> &mut Value {
    &mut schema["synchronizationRules"][0]["objectMappings"][0]
}

pub fn nobody_of_sales(schema: &mut Value) {
    nobody_of(schema, "Sales");
}

pub fn nobody_of(schema: &mut Value, department: &str) {
    of_people(schema)["scope"] = json!({ "groups": [{
        "name": format!("not {department}"),
        "clauses": [{
            "operatorName": "NOT EQUALS",
            "sourceOperandName": "department",
            "targetOperand": { "values": [department] },
        }],
    }] });
}

#[test]
fn a_cycle_that_failed_is_not_said_to_be_in_step() {
    let (syncline, job) = installation(3);
    let run = ["jobs", "run", "--job", &job, "--wait"];
    assert_eq!(syncline.json(&run)["counts"]["created"], 3);
    let text = stdout(&syncline.run(&run));
    assert!(
        text.contains("Nothing to do: the target is in step."),
        "{text}"
    );

    // A full read that finds nobody where somebody was.
    change_schema(&syncline, &job, |schema| {
        schema["synchronizationRules"][0]["objectMappings"] = json!([]);
    });
    syncline.json(&["jobs", "restart", "--job", &job]);
    let failed = syncline.run(&run);
    assert_eq!(failed.status.code(), Some(1));
    let text = stdout(&failed);
    assert!(text.contains("failed in"), "{text}");
    assert!(text.contains("SourceSuddenlyShort: "), "{text}");
    assert!(!text.contains("in step"), "{text}");
}

#[test]
fn the_deletion_threshold_in_force_is_shown() {
    let (syncline, job) = installation(1);
    let in_force = json!({ "enabled": true, "value": THRESHOLD });
    let show = ["jobs", "show", "--job", &job];
    assert_eq!(syncline.json(&show)["deletionThreshold"], in_force);
    let text = stdout(&syncline.run(&show));
    assert!(
        text.contains("\nthreshold  2 deletes and disables\n"),
        "{text}"
    );
    let plan = ["plan", "--job", &job];
    assert_eq!(syncline.json(&plan)["threshold"], in_force);
    let text = stdout(&syncline.run(&plan));
    assert!(
        text.contains("\nAccidental-deletion threshold: 2 deletes and disables.\n"),
        "{text}"
    );
}

#[test]
fn the_timetable_of_failed_objects_is_shown() {
    let (syncline, job) = installation(1);
    let show = ["jobs", "show", "--job", &job];
    let timetable = "after 6 hours, 12 hours and 1 day, then every day, for 28 days";
    let answer = syncline.json(&show);
    assert_eq!(answer["retries"], timetable);
    assert_eq!(answer["patience"], "28 days");
    let text = stdout(&syncline.run(&show));
    assert!(
        text.contains(&format!("\nretries    {timetable}\n")),
        "{text}"
    );
}

#[test]
fn held_removals_are_told_with_the_way_out() {
    let (syncline, job) = installation(3);
    let run = ["jobs", "run", "--job", &job, "--wait"];
    syncline.json(&run);
    let before = change_schema(&syncline, &job, nobody_of_sales);
    let way_out =
        format!("`syncline jobs restart --job {job} --scope ForceDeletes` lets them through");
    let planned = stdout(&syncline.run(&["plan", "--job", &job]));
    assert!(
        planned.contains("3 deletes and disables reach"),
        "{planned}"
    );
    assert!(planned.contains(&way_out), "{planned}");

    let show = ["jobs", "show", "--job", &job];
    // The cycle did its work, and somebody has to look at it.
    for (command, code) in [(&run[..], 1), (&show, 0)] {
        let output = syncline.run(command);
        assert_eq!(output.status.code(), Some(code), "{command:?}");
        let text = stdout(&output);
        for part in [
            "3 deletes and disables reach",
            "in quarantine",
            &way_out,
            "undo",
        ] {
            assert!(text.contains(part), "{part} is missing:\n{text}");
        }
    }

    let list = ["jobs", "list"];
    assert_eq!(syncline.json(&list)["jobs"][0]["staged"], 3);
    let text = stdout(&syncline.run(&list));
    assert!(text.contains("Quarantine, 3 held"), "{text}");
    let text = stdout(&syncline.run(&show));
    assert!(
        text.contains("\nheld       3 deletes and disables\n"),
        "{text}"
    );
    assert!(!text.contains("put aside"), "{text}");

    // Undone, as it is said there.
    change_schema(&syncline, &job, |schema| {
        *of_people(schema) = before["synchronizationRules"][0]["objectMappings"][0].clone();
    });
    let text = stdout(&syncline.run(&run));
    assert!(!text.contains("ForceDeletes"), "{text}");
    let shown = syncline.json(&show);
    assert_eq!(
        (&shown["staged"], &shown["status"]),
        (&json!(0), &json!("Active"))
    );

    // Meant, as it is said there.
    change_schema(&syncline, &job, nobody_of_sales);
    assert_eq!(syncline.bad_news(&run)["state"], "Succeeded");
    let force = ["jobs", "restart", "--job", &job, "--scope", "ForceDeletes"];
    assert_eq!(syncline.json(&force)["deletesAreForced"], true);
    assert_eq!(syncline.json(&show)["deletesAreForced"], true);
    let text = stdout(&syncline.run(&show));
    assert!(
        text.contains("the next cycle lets deletes and disables through"),
        "{text}"
    );
    syncline.json(&["jobs", "pause", "--job", &job]);
    assert_eq!(syncline.json(&show)["deletesAreForced"], false);
    syncline.json(&force);
    assert_eq!(syncline.json(&run)["counts"]["deleted"], 3);
    let text = stdout(&syncline.run(&show));
    assert!(!text.contains("ForceDeletes"), "{text}");
}

/// In a quarantine for something else, and of a job that somebody has started meanwhile.
#[test]
fn removals_that_are_held_are_explained_whatever_else_is_wrong() {
    let (syncline, job) = installation(3);
    let run = ["jobs", "run", "--job", &job, "--wait"];
    syncline.json(&run);
    change_schema(&syncline, &job, nobody_of_sales);
    assert_eq!(syncline.bad_news(&run)["counts"]["staged"], 3);
    let explained = |other: &str| {
        let text = stdout(&syncline.run(&["jobs", "show", "--job", &job]));
        for part in [
            "3 deletes and disables that reach the accidental-deletion threshold are held.",
            &format!("`syncline jobs restart --job {job} --scope ForceDeletes` lets them through"),
            other,
        ] {
            assert!(text.contains(part), "{part} is missing:\n{text}");
        }
    };
    syncline.json(&["jobs", "start", "--job", &job]);
    explained("status     Active");
    let text = stdout(&syncline.run(&["jobs", "list"]));
    assert!(text.contains("Active, 3 held"), "{text}");

    // A full read that finds nobody where somebody was.
    change_schema(&syncline, &job, |schema| {
        schema["synchronizationRules"][0]["objectMappings"] = json!([]);
    });
    let restart = ["jobs", "restart", "--job", &job, "--scope", "Watermark"];
    syncline.json(&restart);
    assert_eq!(syncline.bad_news(&run)["state"], "Failed");
    explained("quarantine EncounteredQuarantineException");
}

#[test]
fn who_begins_a_cycle_that_was_made_due_is_told() {
    let (syncline, job) = installation(1);
    // A cycle that somebody works on would be joined.
    let at_rest = |begins: &str| {
        wait_until("the cycle is over", || {
            let shown = syncline.json(&["jobs", "show", "--job", &job]);
            begins != "here" || shown["begins"].is_null() && shown["running"] == false
        });
    };
    let run = ["jobs", "run", "--job", &job];
    let told = |expected: &str, text: &str| {
        let document = syncline.json(&run);
        assert!(document["joined"].is_null(), "{document}");
        assert_eq!(
            (&document["due"], &document["begins"]),
            (&json!(true), &json!(expected))
        );
        at_rest(expected);
        let said = stdout(&syncline.run(&run));
        assert!(said.contains(text), "{said}");
    };
    told("noServer", "no server runs here");
    let server = syncline.serve(&["--no-scheduler"]);
    told("noScheduler", "--no-scheduler");
    assert_eq!(server.stop(), Some(0));
    let server = syncline.serve(&[]);
    at_rest("here");
    told("here", "the running server begins it now");
    assert_eq!(server.stop(), Some(0));
}

/// As Graph has it. Whoever has paused a job for a reason is told.
#[test]
fn a_restart_starts_a_paused_job_and_says_so() {
    let (syncline, job) = installation(1);
    let restart = ["jobs", "restart", "--job", &job, "--scope", "Escrows"];
    assert!(syncline.json(&restart)["startedFrom"].is_null());
    syncline.json(&["jobs", "pause", "--job", &job]);
    let said = stdout(&syncline.run(&restart));
    assert!(
        said.ends_with("It was paused, and is started by this.\n"),
        "{said}"
    );
    assert!(!stdout(&syncline.run(&restart)).contains("started by this"));
    syncline.json(&["jobs", "pause", "--job", &job]);
    let told = syncline.json(&restart);
    assert_eq!(told["startedFrom"], "paused", "{told}");
    assert_eq!(told["jobId"], job.as_str());
}

#[test]
fn whoever_starts_a_job_is_told_when_nobody_begins_its_cycle() {
    let (syncline, job) = installation(1);
    let way_on = format!("`syncline jobs run --job {job} --wait` runs it now");
    for command in ["start", "restart"] {
        let arguments = ["jobs", command, "--job", &job];
        let said = stdout(&syncline.run(&arguments));
        assert!(said.contains("no server runs here to begin it"), "{said}");
        assert!(said.contains(&way_on), "{said}");
        assert_eq!(syncline.json(&arguments)["begins"], "noServer");
    }
    let show = ["jobs", "show", "--job", &job];
    let said = stdout(&syncline.run(&show));
    assert!(
        said.contains("it is due, and no server runs here"),
        "{said}"
    );
    assert_eq!(syncline.json(&show)["begins"], "noServer");

    let server = syncline.serve(&["--no-scheduler"]);
    let said = stdout(&syncline.run(&["jobs", "start", "--job", &job]));
    assert!(
        said.contains("leaves it to others (--no-scheduler)"),
        "{said}"
    );
    assert_eq!(server.stop(), Some(0));

    syncline.json(&["jobs", "run", "--job", &job, "--wait"]);
    let shown = syncline.json(&show);
    assert!(shown["begins"].is_null(), "it is not due: {shown}");
    let server = syncline.serve(&[]);
    let said = stdout(&syncline.run(&["jobs", "start", "--job", &job]));
    assert!(said.contains("the running server begins it now"), "{said}");
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_job_is_found_by_the_name_of_its_configuration_while_there_is_one_of_it() {
    let (syncline, job) = installation(1);
    let name = syncline.json(&["jobs", "list"])["jobs"][0]["name"].clone();
    let name = name.as_str().unwrap().to_ascii_uppercase();
    for command in [&["jobs", "show"][..], &["plan"], &["schema", "export"]] {
        let mut by_name = command.to_vec();
        by_name.extend(["--job", &name]);
        let mut by_id = command.to_vec();
        by_id.extend(["--job", &job]);
        assert_eq!(
            syncline.json(&by_name),
            syncline.json(&by_id),
            "{command:?}"
        );
    }

    let file = format!(
        "configurations:\n  - name: {name}\n    source: fabrikam.example\n    target: contoso.example\n    scope: all\n"
    );
    let file = syncline.file("back.yaml", file.as_bytes());
    syncline.json(&["apply", &file]);
    let listed = stdout(&syncline.run(&["jobs", "list"]));
    assert_eq!(listed.matches(&name).count(), 1, "{listed}");
    let message = syncline.fails(&["jobs", "show", "--job", &name]);
    assert!(
        message.contains("2 configurations have the name"),
        "{message}"
    );
    assert!(message.contains(&job), "{message}");
    syncline.json(&["jobs", "show", "--job", &job]);
}

#[test]
fn a_name_with_any_letters_is_found_in_any_case() {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    syncline.tenant("fabrikam");
    let file = "configurations:\n  - name: Zürich é\n    source: contoso.example\n    target: fabrikam.example\n";
    let file = syncline.file("zurich.yaml", file.as_bytes());
    let applied = syncline.json(&["apply", &file]);
    let job = &applied["configurations"][0]["jobId"];
    for name in ["Zürich é", "ZÜRICH É", "zu\u{308}rich e\u{301}"] {
        let shown = syncline.json(&["jobs", "show", "--job", name]);
        assert_eq!(shown["jobId"], *job, "{name}");
    }
}

/// A script reads one shape, whichever command it asks.
#[test]
fn why_a_job_can_not_work_has_one_shape() {
    let (syncline, job) = installation(1);
    let file = "configurations:\n  - name: Back\n    source: fabrikam.example\n    target: contoso.example\n    scope: all\n    state: started\n";
    let file = syncline.file("back.yaml", file.as_bytes());
    let applied = syncline.json(&["apply", &file]);
    let back = applied["configurations"][0]["jobId"].as_str().unwrap();
    assert_ne!(back, job);
    let ran = syncline.run(&["jobs", "run", "--job", back, "--wait", "--output", "json"]);
    assert_eq!(ran.status.code(), Some(1));
    let ran: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let planned = syncline.run(&["plan", "--job", back, "--output", "json"]);
    let planned: Value = serde_json::from_slice(&planned.stdout).unwrap();
    let file = syncline.run(&["plan", "--file", &file, "--output", "json"]);
    let file: Value = serde_json::from_slice(&file.stdout).unwrap();
    let shown = syncline.json(&["jobs", "show", "--job", back]);
    let listed = syncline.json(&["jobs", "list"]);
    let mut jobs = listed["jobs"].as_array().unwrap().iter();
    let listed = jobs.find(|it| it["jobId"] == back).unwrap();
    let told = &ran["error"];
    assert!(
        told["code"].is_string() && told["message"].is_string(),
        "{ran}"
    );
    for (what, other) in [
        ("plan", &planned["refused"]),
        ("plan --file", &file["configurations"][0]["refused"]),
        ("apply", &applied["configurations"][0]["refused"]),
        ("jobs show", &shown["lastCycle"]["error"]),
        ("jobs list", &listed["lastCycle"]["error"]),
    ] {
        assert_eq!(other, told, "{what}");
    }
}

#[test]
fn what_to_do_after_a_plan_is_what_works() {
    let (syncline, job) = installation(1);
    let plan = ["plan", "--job", &job];
    let run = format!("`syncline jobs run --job {job} --wait`");
    let start = format!("`syncline jobs start --job {job}`");
    let said = stdout(&syncline.run(&plan));
    assert!(said.contains(&run) && !said.contains(&start), "{said}");
    assert_eq!(syncline.json(&plan)["active"], true);
    syncline.json(&["jobs", "pause", "--job", &job]);
    let said = stdout(&syncline.run(&plan));
    assert!(said.contains(&start) && !said.contains(&run), "{said}");
    let planned = syncline.json(&plan);
    assert_eq!(
        (&planned["started"], &planned["active"]),
        (&json!(true), &json!(false))
    );
}

#[test]
fn a_paused_job_does_not_run_and_says_how_to_start_it() {
    let (syncline, job) = installation(1);
    syncline.json(&["jobs", "pause", "--job", &job]);
    for run in [
        &["jobs", "run", "--job", &job][..],
        &["jobs", "run", "--job", &job, "--wait"],
    ] {
        let message = syncline.fails(run);
        assert!(message.contains("is paused"), "{message}");
        let way = format!("help: start it: syncline jobs start --job {job}");
        assert!(message.contains(&way), "{message}");
    }
    syncline.json(&["jobs", "start", "--job", &job]);
    let run = ["jobs", "run", "--job", &job, "--wait"];
    assert_eq!(syncline.json(&run)["counts"]["created"], 1);
}

#[test]
fn a_job_that_quarantine_has_disabled_does_not_run_and_says_what_to_do() {
    let (syncline, job) = installation(1);
    let data = syncline.data();
    let key = MasterKey::load_or_create(&data.join("key")).unwrap();
    let store = Store::open_database(&Database::File(data.join("syncline.db")), &key).unwrap();
    let id = JobId(job.clone());
    let stored = || store.read(|reader| Ok::<_, Problem>(reader.job_of_any_tenant(&id)?.unwrap()));
    let mut disabled = stored().unwrap();
    disabled.state = ScheduleState::Disabled;
    store.write(|tx| tx.update_job(&disabled)).unwrap();
    for run in [
        &["jobs", "run", "--job", &job][..],
        &["jobs", "run", "--job", &job, "--wait"],
    ] {
        let message = syncline.fails(run);
        assert!(message.contains("is disabled"), "{message}");
        assert!(message.contains("in quarantine for 4 weeks"), "{message}");
        let way = format!("`syncline jobs start --job {job}` starts it again");
        assert!(message.contains(&way), "{message}");
        assert_eq!(stored().unwrap().state, ScheduleState::Disabled);
    }
}

#[test]
fn references_that_wait_are_told_with_whom_they_wait_for_and_why() {
    let (syncline, job) = installation(1);
    let people = "userPrincipalName,displayName,department,manager\n\
        boss@contoso.example,Boss,Sales,\n\
        a@contoso.example,A,Legal,boss@contoso.example\n\
        b@contoso.example,B,Legal,boss@contoso.example\n\
        c@contoso.example,C,Legal,p0@contoso.example\n";
    let file = syncline.file("more.csv", people.as_bytes());
    syncline.json(&["import", "--tenant", "contoso.example", &file]);
    change_schema(&syncline, &job, nobody_of_sales);
    let run = ["jobs", "run", "--job", &job, "--wait"];
    assert_eq!(syncline.json(&run)["counts"]["referencesPending"], 3);

    let show = ["jobs", "show", "--job", &job];
    let text = stdout(&syncline.run(&show));
    assert!(
        text.contains("\nwaiting    3 references to objects that are not in the target\n"),
        "{text}"
    );
    assert!(
        text.contains(&format!("--job {job} --waiting` tells")),
        "{text}"
    );
    assert!(syncline.json(&show).get("waiting").is_none());

    let show = ["jobs", "show", "--job", &job, "--waiting"];
    let shown = syncline.json(&show);
    let waiting = &shown["waiting"];
    assert_eq!(waiting["count"], 2);
    let first = &waiting["value"][0];
    assert_eq!(
        (&first["name"], &first["references"]),
        (&json!("boss@contoso.example"), &json!(2))
    );
    let reason = first["reason"].as_str().unwrap();
    assert!(reason.contains("not in scope"), "{reason}");
    let text = stdout(&syncline.run(&show));
    assert!(
        text.contains("1 reference to p0@contoso.example: it is not synchronized"),
        "{text}"
    );
}
