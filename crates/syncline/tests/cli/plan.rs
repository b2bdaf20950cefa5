//! `plan`: what the next cycle would do, with and without a server.

use serde_json::{Value, json};

use crate::configuration::{change_schema, installation, installation_that_takes_groups};
use crate::support::{Syncline, stderr, stdout};

/// What the demo leaves behind, and its job.
fn demonstrated() -> (Syncline, String) {
    let syncline = Syncline::new();
    let output = syncline.run(&["demo", "--exit", "--users", "60"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let jobs = syncline.json(&["jobs", "list"]);
    let job = jobs["jobs"][0]["jobId"].as_str().unwrap().to_owned();
    (syncline, job)
}

fn exported(syncline: &Syncline, job: &str) -> Value {
    syncline.json(&["schema", "export", "--job", job])
}

/// Fills a target attribute by an expression.
fn map(schema: &mut Value, target: &str, expression: &str) {
    let mappings = &mut schema["synchronizationRules"][0]["objectMappings"][0]["attributeMappings"];
    let mapping = mappings
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .find(|it| it["targetAttributeName"] == target)
        .unwrap();
    mapping["source"] = json!({ "expression": expression });
}

fn saved(syncline: &Syncline, schema: &Value) -> String {
    syncline.file("schema.json", schema.to_string().as_bytes())
}

fn canonical(file: &str) -> String {
    let path = std::path::Path::new(file).canonicalize().unwrap();
    path.to_str().unwrap().to_owned()
}

/// Everything that a plan must leave alone.
fn traces(syncline: &Syncline, job: &str) -> (Value, Value) {
    let logs = syncline.json(&["logs", "--top", "1000"]);
    let shown = syncline.json(&["jobs", "show", "--job", job]);
    (logs, shown)
}

#[test]
fn a_changed_mapping_is_planned_without_a_server_and_through_one() {
    let (syncline, job) = demonstrated();
    let before = traces(&syncline, &job);

    let nothing = syncline.json(&["plan", "--job", &job]);
    assert_eq!(nothing["reach"], "nobody");
    assert_eq!(
        (&nothing["affected"], &nothing["evaluated"]),
        (&json!(0), &json!(0))
    );

    let mut schema = exported(&syncline, &job);
    map(
        &mut schema,
        "displayName",
        "Append([displayName], \" (Contoso)\")",
    );
    let file = saved(&syncline, &schema);
    let arguments = ["plan", "--job", &job, "--file", &file, "--show", "2"];
    let planned = syncline.json(&arguments);
    assert_eq!(
        planned["changed"],
        json!(["User: the mapping of displayName"])
    );
    let updated = planned["counts"]["updated"].as_u64().unwrap();
    assert!(updated > 0, "{planned}");
    assert!(planned["affected"].as_u64() < planned["objects"].as_u64());
    let attribute = &planned["attributes"][0];
    assert_eq!(
        (&attribute["name"], &attribute["changed"]),
        (&json!("displayName"), &json!(updated))
    );
    let new = attribute["examples"][0]["new"].as_str().unwrap();
    assert!(new.ends_with(" (Contoso)"), "{new}");
    assert_eq!(planned["shown"].as_array().unwrap().len(), 2);
    assert_eq!(planned["shownOf"], updated);

    let text = stdout(&syncline.run(&arguments));
    for part in [
        "changed: User: the mapping of displayName",
        "which are evaluated again",
        "(--show N names more)",
        "Nothing was written.",
        "PUT …/servicePrincipals/",
        &format!("`syncline schema import --job {job} {}`", canonical(&file)),
    ] {
        assert!(text.contains(part), "{part} is missing:\n{text}");
    }
    assert_eq!(traces(&syncline, &job), before);

    let server = syncline.serve(&["--no-scheduler"]);
    assert_eq!(syncline.json(&arguments), planned);
    assert_eq!(traces(&syncline, &job), before);
    drop(server);
}

#[test]
fn the_cycle_after_saving_does_what_was_planned() {
    let (syncline, job) = demonstrated();
    let mut schema = exported(&syncline, &job);
    map(&mut schema, "department", "ToUpper([department])");
    schema["synchronizationRules"][0]["objectMappings"][0]["scope"] = json!({ "groups": [{
        "name": "not Sales",
        "clauses": [{
            "operatorName": "NOT EQUALS",
            "sourceOperandName": "department",
            "targetOperand": { "values": ["Sales"] },
        }],
    }] });
    let file = saved(&syncline, &schema);
    let planned = syncline.json(&["plan", "--job", &job, "--file", &file]);
    assert!(planned["counts"]["deleted"].as_u64() > Some(0), "{planned}");

    let imported = syncline.json(&["schema", "import", "--job", &job, &file]);
    assert_eq!(imported["changed"], true);
    assert_eq!(
        syncline.json(&["plan", "--job", &job])["counts"],
        planned["counts"]
    );
    let server = syncline.serve(&["--no-scheduler"]);
    let report = syncline.json(&["jobs", "run", "--job", &job, "--wait"]);
    assert_eq!(report["kind"], "incremental");
    assert_eq!(report["counts"], planned["counts"]);
    assert_eq!(report["skippedByReason"], planned["skippedByReason"]);
    drop(server);

    // What is as it was is not saved again.
    let file = saved(&syncline, &exported(&syncline, &job));
    let imported = syncline.json(&["schema", "import", "--job", &job, &file]);
    assert_eq!(imported["changed"], false);
}

#[test]
fn a_mapping_that_is_switched_off_or_taken_away_is_told() {
    let (syncline, job) = demonstrated();
    let schema = exported(&syncline, &job);
    let mut off = schema.clone();
    let mappings = off["synchronizationRules"][0]["objectMappings"].as_array_mut();
    for mapping in mappings.unwrap() {
        mapping["enabled"] = json!(false);
    }
    let mut gone = schema;
    gone["synchronizationRules"][0]["objectMappings"] = json!([]);
    for schema in [off, gone] {
        let file = saved(&syncline, &schema);
        let text = stdout(&syncline.run(&["plan", "--job", &job, "--file", &file]));
        assert!(text.contains("changed: User: switched off"), "{text}");
        assert!(text.contains("affects 0 of"), "{text}");
    }
}

#[test]
fn one_removal_is_one() {
    let (syncline, job) = installation(1);
    syncline.json(&["jobs", "run", "--job", &job, "--wait"]);
    let mut schema = exported(&syncline, &job);
    schema["synchronizationRules"][0]["objectMappings"][0]["scope"] = json!({ "groups": [{
        "name": "not Sales",
        "clauses": [{
            "operatorName": "NOT EQUALS",
            "sourceOperandName": "department",
            "targetOperand": { "values": ["Sales"] },
        }],
    }] });
    let file = saved(&syncline, &schema);
    let text = stdout(&syncline.run(&["plan", "--job", &job, "--file", &file]));
    assert!(
        text.contains("\n1 delete or disable would go through.\n"),
        "{text}"
    );
}

fn only_finance(schema: &mut Value) {
    schema["synchronizationRules"][0]["objectMappings"][0]["scope"] = json!({ "groups": [{
        "name": "Finance",
        "clauses": [{
            "operatorName": "EQUALS",
            "sourceOperandName": "department",
            "targetOperand": { "values": ["Finance"] },
        }],
    }] });
}

/// Before it is saved, that would be for what the present one removes, and would end when it is.
#[test]
fn what_a_schema_would_remove_is_let_through_once_it_is_saved() {
    let (syncline, job) = installation(3);
    syncline.json(&["jobs", "run", "--job", &job, "--wait"]);
    let mut schema = exported(&syncline, &job);
    only_finance(&mut schema);
    let file = saved(&syncline, &schema);
    let text = stdout(&syncline.run(&["plan", "--job", &job, "--file", &file]));
    let import = format!("`syncline schema import --job {job} {}`", canonical(&file));
    let force = format!(
        "If they are meant, save it first; then `syncline jobs restart --job {job} --scope ForceDeletes` lets them through."
    );
    let [import, force] = [&import, &force].map(|part| {
        text.find(part)
            .unwrap_or_else(|| panic!("{part} is missing:\n{text}"))
    });
    assert!(import < force, "{text}");
    assert_eq!(text.matches("ForceDeletes").count(), 1, "{text}");

    syncline.json(&["schema", "import", "--job", &job, &file]);
    let held = stdout(&syncline.run(&["plan", "--job", &job]));
    let way_out = "If they are meant, `syncline jobs restart";
    assert!(held.contains(way_out), "{held}");
    let restart = ["jobs", "restart", "--job", &job, "--scope", "ForceDeletes"];
    syncline.json(&restart);
    // Nothing changes when it is saved once more, and no permission ends.
    let same = saved(&syncline, &exported(&syncline, &job));
    let again = ["plan", "--job", &job, "--file", &same];
    let planned = syncline.json(&again);
    assert_eq!(
        (&planned["held"], &planned["proposed"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(planned["counts"]["deleted"], 3);
    let text = stdout(&syncline.run(&again));
    for part in [
        "as configured now",
        "has the schema that the job has: there is nothing to save.",
        "3 deletes and disables would go through.",
    ] {
        assert!(text.contains(part), "{part} is missing:\n{text}");
    }
    assert!(!text.contains("schema import"), "{text}");
    let imported = syncline.json(&["schema", "import", "--job", &job, &same]);
    assert_eq!(imported["changed"], false);
    let report = syncline.json(&["jobs", "run", "--job", &job, "--wait"]);
    assert_eq!(report["counts"], planned["counts"]);
}

#[test]
fn whom_the_job_let_go_is_told_apart_from_those_who_are_updated() {
    let (syncline, job) = installation(1);
    syncline.json(&["jobs", "run", "--job", &job, "--wait"]);
    let mut schema = exported(&syncline, &job);
    map(&mut schema, "department", "ToUpper([department])");
    let file = syncline.file("wide.json", schema.to_string().as_bytes());
    let mut narrow = exported(&syncline, &job);
    let people = &mut narrow["synchronizationRules"][0]["objectMappings"][0];
    people["flowTypes"] = json!("Add, Update");
    people["scope"] = json!({ "groups": [{
        "name": "not Sales",
        "clauses": [{
            "operatorName": "NOT EQUALS",
            "sourceOperandName": "department",
            "targetOperand": { "values": ["Sales"] },
        }],
    }] });
    let narrow = saved(&syncline, &narrow);
    syncline.json(&["schema", "import", "--job", &job, &narrow]);
    syncline.json(&["jobs", "run", "--job", &job, "--wait"]);

    let planned = syncline.json(&["plan", "--job", &job, "--file", &file]);
    assert_eq!(planned["takenUp"], 1, "{planned}");
    let text = stdout(&syncline.run(&["plan", "--job", &job, "--file", &file]));
    for part in [
        "One object that was let go would be kept in step again.",
        "department: Sales → SALES (was let go; is kept in step again, and removed when it leaves the scope)",
    ] {
        assert!(text.contains(part), "{part} is missing:\n{text}");
    }
}

#[test]
fn the_version_of_a_file_is_no_change_and_tells_an_old_one() {
    let (syncline, job) = demonstrated();
    let old = exported(&syncline, &job);
    let first_rules = old["synchronizationRules"].clone();
    let mut other = old.clone();
    other["version"] = json!("Date:2020-01-01T00:00:00Z, ActivityId:somebody");
    let import = ["schema", "import", "--job", &job];
    let with = |schema: &Value, more: &[&'static str]| {
        let file = saved(&syncline, schema);
        let words: Vec<&str> = import.into_iter().chain(more.iter().copied()).collect();
        let words: Vec<String> = words.into_iter().map(str::to_owned).chain([file]).collect();
        words
    };
    let json = |words: Vec<String>| {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        syncline.json(&words)
    };
    assert_eq!(json(with(&other, &[]))["changed"], false);
    assert_eq!(exported(&syncline, &job), old);

    // Somebody else changes something; whoever exported before would undo it.
    let mut first = old.clone();
    map(&mut first, "city", "ToUpper([city])");
    assert_eq!(json(with(&first, &[]))["changed"], true);
    let between = exported(&syncline, &job);
    let mut second = old;
    map(&mut second, "department", "ToUpper([department])");
    let words = with(&second, &[]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let message = syncline.fails(&words);
    assert!(message.contains("made from another state"), "{message}");
    assert!(message.contains("--force"), "{message}");
    assert!(message.contains("undo-a-wrong-cycle.md"), "{message}");
    assert_eq!(exported(&syncline, &job), between);
    assert_eq!(json(with(&second, &["--force"]))["changed"], true);

    // What was replaced can be read again, the last one first.
    let export = ["schema", "export", "--job", &job, "--previous"];
    let previous = |number| syncline.json(&[&export[..], &[number]].concat());
    assert_eq!(previous("1"), between);
    let before = previous("2");
    assert_eq!(before["synchronizationRules"], first_rules);
    let listed = syncline.json(&["schema", "previous", "--job", &job]);
    assert_eq!(listed["value"][1]["number"], 2, "{listed}");
    assert_eq!(listed["value"][1]["replaced"], listed["value"][0]["saved"]);
    assert_eq!(listed["value"].as_array().unwrap().len(), 2, "{listed}");
    let message = syncline.fails(&[&export[..], &["3"]].concat());
    assert!(
        message.contains("only 2 previous schemas are kept"),
        "{message}"
    );

    // Without a version there is nothing to compare with.
    first.as_object_mut().unwrap().remove("version");
    assert_eq!(json(with(&first, &[]))["changed"], true);
}

#[test]
fn what_can_not_be_saved_is_drawn_where_it_is_wrong() {
    let (syncline, job) = demonstrated();
    let mut schema = exported(&syncline, &job);
    map(&mut schema, "city", "ToUpper([cty])");
    let file = saved(&syncline, &schema);
    let message = syncline.fails(&["plan", "--job", &job, "--file", &file]);
    let refused = syncline.fails(&["schema", "import", "--job", &job, &file]);
    assert_eq!(refused, message);
    for part in ["1 problem", "ToUpper([cty])", "^^^", "attributeMappings["] {
        assert!(message.contains(part), "{part} is missing:\n{message}");
    }

    // Another job's rule has another id, and is the same rule; two are one too many.
    map(&mut schema, "city", "[city]");
    schema["synchronizationRules"][0]["id"] = json!("another");
    let file = saved(&syncline, &schema);
    let planned = syncline.json(&["plan", "--job", &job, "--file", &file]);
    assert_eq!(planned["affected"], 0, "{planned}");
    let rule = schema["synchronizationRules"][0].clone();
    schema["synchronizationRules"]
        .as_array_mut()
        .unwrap()
        .push(rule);
    let file = saved(&syncline, &schema);
    let message = syncline.fails(&["plan", "--job", &job, "--file", &file]);
    assert!(message.contains("their ids are"), "{message}");

    let file = syncline.file("schema.json", b"{ \"synchronizationRules\": 5 }");
    let message = syncline.fails(&["plan", "--job", &job, "--file", &file]);
    assert!(message.contains("is no schema"), "{message}");
    assert!(message.contains("syncline schema export"), "{message}");

    let message = syncline.fails(&["plan", "--job", &job, "--file", "/nowhere/schema.json"]);
    assert!(message.contains("cannot read"), "{message}");
}

#[test]
fn a_job_that_is_not_there_is_told() {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    for command in [&["plan"][..], &["schema", "export"]] {
        let arguments: Vec<&str> = command.iter().copied().chain(["--job", "nobody"]).collect();
        let message = syncline.fails(&arguments);
        assert!(message.contains("there is no job `nobody`"), "{message}");
        assert!(message.contains("help: `syncline jobs list`"), "{message}");
    }
}

#[test]
fn a_plan_needs_a_job() {
    let output = Syncline::new().run(&["plan"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--job"));
}

fn import_groups(syncline: &Syncline, groups: &str) {
    let people = syncline.file("nobody.csv", b"userPrincipalName,displayName\n");
    let groups = syncline.file("groups.csv", groups.as_bytes());
    let import = ["import", "--tenant", "contoso.example", &people];
    syncline.json(&[&import[..], &["--groups", &groups]].concat());
}

fn switch_groups_on(schema: &mut Value) {
    let mappings = &mut schema["synchronizationRules"][0]["objectMappings"];
    for mapping in mappings.as_array_mut().unwrap() {
        mapping["enabled"] = json!(true);
    }
}

/// The target of this job has let people in, and no groups.
#[test]
fn groups_that_are_not_let_in_are_planned_to_fail_and_logged_as_not_changed() {
    let (syncline, job) = installation(2);
    import_groups(
        &syncline,
        "displayName,member\nFinance,p0@contoso.example\n",
    );
    change_schema(&syncline, &job, switch_groups_on);
    let plan = ["plan", "--job", &job];
    let planned = syncline.json(&plan);
    let counts = &planned["counts"];
    assert_eq!(
        (&counts["created"], &counts["escrowed"]),
        (&json!(2), &json!(1))
    );
    let text = stdout(&syncline.run(&plan));
    assert!(text.contains("groupSyncInbound"), "{text}");
    let run = ["jobs", "run", "--job", &job, "--wait", "--output", "json"];
    let ran = syncline.run(&run);
    assert_eq!(ran.status.code(), Some(1), "somebody should look at it");
    let report: Value = serde_json::from_str(&stdout(&ran)).unwrap();
    assert_eq!(&report["counts"], counts);
    assert_eq!(report["state"], "EntryLevelErrors");
    let text = stdout(&syncline.run(&run[..5]));
    let way = format!("`syncline logs --job {job} --status failure` says why");
    assert!(
        !text.contains("failed objects") || text.contains(&way),
        "{text}"
    );

    let log = stdout(&syncline.run(&["logs", "--job", &job, "--top", "5"]));
    let failed = log.split("\n\n").find(|it| it.contains("groupSyncInbound"));
    let failed = failed.unwrap_or_else(|| panic!("{log}"));
    assert!(
        failed.contains("  would change:\n")
            && failed.contains("       displayName: (none) → Finance\n"),
        "{failed}"
    );
    assert_eq!(log.matches("  changed:\n").count(), 2, "{log}");
    let code = "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure";
    let advice = format!("  {code}: In the target's cross-tenant access policy, set ");
    assert!(failed.contains(&advice), "{failed}");

    let failures = syncline.json(&["logs", "--job", &job, "--status", "failure"]);
    let error = &failures["value"][0]["provisioningStatusInfo"]["errorInformation"];
    assert_eq!(error["errorCategory"], "nonServiceFailure", "{failures}");
    let advice = error["recommendedAction"].as_str().unwrap();
    assert!(advice.contains("groupSyncInbound"), "{advice}");
}

#[test]
fn who_is_only_linked_again_is_told_so() {
    let (syncline, job) = installation(6);
    let run = ["jobs", "run", "--job", &job, "--wait"];
    syncline.json(&run);
    syncline.json(&["jobs", "restart", "--job", &job, "--scope", "Full"]);
    let planned = stdout(&syncline.run(&["plan", "--job", &job]));
    let row = planned
        .lines()
        .find(|it| it.contains("p3@contoso.example"))
        .unwrap_or_else(|| panic!("{planned}"));
    assert!(
        row.contains("link") && row.contains("nothing differs"),
        "{row}"
    );
    syncline.json(&run);
    let log = stdout(&syncline.run(&["logs", "--top", "6"]));
    let row = log.lines().find(|it| it.contains("p3@contoso.example"));
    // He was linked all along: there was nothing to do.
    assert!(
        row.is_some_and(|it| it.contains("RedundantExport")),
        "{log}"
    );
}

#[test]
fn groups_are_named_with_whom_they_would_gain() {
    let (syncline, job) = installation_that_takes_groups(5);
    let mut groups = "displayName,member\n".to_owned();
    for (group, person) in [0, 1, 2]
        .iter()
        .flat_map(|it| (0..5).map(move |who| (it, who)))
    {
        groups.push_str(&format!("Group {group},p{person}@contoso.example\n"));
    }
    import_groups(&syncline, &groups);
    let mut schema = exported(&syncline, &job);
    switch_groups_on(&mut schema);
    let file = saved(&syncline, &schema);
    let arguments = ["plan", "--job", &job, "--file", &file, "--show", "2"];
    let planned = syncline.json(&arguments);
    let groups = planned["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 2, "{planned:#}");
    assert!(planned["groupsOf"].as_u64().unwrap() > 2);
    let first = &groups[0];
    assert!(first["added"].as_u64().unwrap() > 3, "{first}");
    assert_eq!(first["removed"], 0);
    let named = first["firstAdded"].as_array().unwrap();
    assert_eq!(named.len(), 3);
    let text = stdout(&syncline.run(&arguments));
    for part in [
        first["name"].as_str().unwrap(),
        &format!("+ {}, ", named[0].as_str().unwrap()),
        " more groups (--show N names more)",
    ] {
        assert!(text.contains(part), "{part} is missing:\n{text}");
    }
}
