//! The schema that a file names.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};
use syncline_engine::schema::received;
use syncline_runner::StoredSchema;

use super::{BEGIN, POLICY, apply, changes, created, file, job, plan, refused, two_tenants};
use crate::configuration::{change_schema, installation};
use crate::jobs::nobody_of_sales;
use crate::older_tenants::store;
use crate::support::{stderr, stdout};

#[test]
fn a_schema_comes_from_a_file_beside_it_whatever_job_it_was_exported_from() {
    let (other, exported_from) = installation(1);
    change_schema(&other, &exported_from, nobody_of_sales);
    let schema = other.json(&["schema", "export", "--job", &exported_from]);

    let syncline = two_tenants();
    syncline.file("schema.json", schema.to_string().as_bytes());
    let wanted = format!("{POLICY}    scope: all\n    schema: schema.json\n");
    assert!(changes(&plan(&syncline, &wanted)).contains(&"saveSchema"));
    let applied = apply(&syncline, &wanted);
    assert!(changes(&applied).contains(&"saveSchema"));
    let job = job(&applied);
    // Ben and Chi are of Sales.
    assert_eq!(created(&syncline, &job), 1);
    assert_eq!(changes(&apply(&syncline, &wanted)), Vec::<&str>::new());

    // What it does is said before it is saved, too.
    let file = syncline.file("schema.json", schema.to_string().as_bytes());
    let planned = syncline.json(&["plan", "--job", &job, "--file", &file]);
    assert_eq!(planned["counts"]["created"], 1);

    // Somebody changes it; the file has the last word, and says so.
    let own = syncline.json(&["schema", "export", "--job", &job]);
    assert_ne!(
        own["synchronizationRules"][0]["id"],
        schema["synchronizationRules"][0]["id"]
    );
    change_schema(&syncline, &job, |schema| {
        let rule = &mut schema["synchronizationRules"][0];
        rule["objectMappings"][0]["scope"] = Value::Null;
    });
    assert_eq!(created(&syncline, &job), 3);
    assert_eq!(changes(&plan(&syncline, &wanted)), ["saveSchema"]);
    assert_eq!(changes(&apply(&syncline, &wanted)), ["saveSchema"]);
    assert_eq!(created(&syncline, &job), 1);

    // One that would not be taken is told by a plan, and before there is a job.
    let broken = schema
        .to_string()
        .replace("[userPrincipalName]", "[nobodyKnows]");
    assert_ne!(broken, schema.to_string());
    syncline.file("schema.json", broken.as_bytes());
    let beside = "  - { name: Fabrikam, source: contoso.example, target: fabrikam.example }\n";
    for (name, others) in [("Fabrikam", ""), ("Another", beside)] {
        let begin = BEGIN.replace("name: Fabrikam", &format!("name: {name}"));
        let text = format!("{begin}{wanted}{others}");
        let file = syncline.file("sync.yaml", text.as_bytes());
        for command in [vec!["plan", "--file", &file], vec!["apply", &file]] {
            let said = refused(&syncline, &command);
            assert!(said.contains("schema.json cannot be saved"), "{said}");
        }
    }
    assert_eq!(created(&syncline, &job), 1);
}

#[test]
fn a_schema_lies_beside_the_file_that_a_link_leads_to_and_of_a_pipe_in_the_working_folder() {
    let (other, exported_from) = installation(1);
    let schema = other.json(&["schema", "export", "--job", &exported_from]);
    let syncline = two_tenants();
    let folder = syncline.data().with_file_name("repository");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("schema.json"), schema.to_string()).unwrap();
    let real = folder.join("sync.yaml");
    let text = format!("{BEGIN}{POLICY}    scope: all\n    schema: ./schema.json\n");
    std::fs::write(&real, &text).unwrap();
    let link = folder.with_file_name("link.yaml");
    std::os::unix::fs::symlink(&real, &link).unwrap();
    let link = link.to_str().unwrap();
    let through = |file: &str, stdin: Stdio| {
        let mut command = syncline.command(&["plan", "--file", file, "--output", "json"]);
        let output = command.current_dir(&folder).stdin(stdin).output().unwrap();
        assert!(output.status.success(), "{file}: {}", stderr(&output));
        let planned: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(changes(&planned).contains(&"createJob"), "{planned}");
    };
    let pipe = || {
        let (reader, mut writer) = std::io::pipe().unwrap();
        writer.write_all(text.as_bytes()).unwrap();
        Stdio::from(reader)
    };
    let plans = || {
        through(link, Stdio::null());
        through("/dev/stdin", pipe());
        through("/dev/stdin", std::fs::File::open(&real).unwrap().into());
    };
    plans();
    // So also what a running server is given.
    let server = syncline.serve(&["--no-scheduler"]);
    plans();
    drop(server);
    assert!(syncline.run(&["apply", link]).status.success());
}

#[test]
fn a_plan_says_in_what_a_schema_differs() {
    let syncline = two_tenants();
    let id = job(&apply(&syncline, &format!("{POLICY}    scope: all\n")));
    let mut schema = syncline.json(&["schema", "export", "--job", &id]);
    nobody_of_sales(&mut schema);
    let rule = &mut schema["synchronizationRules"][0];
    let people = &mut rule["objectMappings"][0];
    let users = format!(
        "{} → {}",
        people["sourceObjectName"].as_str().unwrap(),
        people["targetObjectName"].as_str().unwrap()
    );
    let mappings = people["attributeMappings"].as_array_mut().unwrap();
    let of = |mappings: &[Value], target: &str| {
        let is_it = |it: &Value| it["targetAttributeName"] == target;
        mappings.iter().position(is_it).unwrap()
    };
    let department = of(mappings, "department");
    mappings[department]["source"] = json!({
        "type": "Function",
        "name": "ToUpper",
        "expression": "ToUpper([department])",
        "parameters": [{ "key": "source", "value": { "type": "Attribute", "name": "department" } }],
    });
    mappings[department]["flowType"] = json!("ObjectAddOnly");
    let city = of(mappings, "city");
    mappings.remove(city);
    syncline.file("schema.json", schema.to_string().as_bytes());

    let wanted = "    schema: schema.json\n";
    let planned = plan(&syncline, wanted);
    let change = &planned["configurations"][0]["changes"][0];
    assert_eq!(change["what"], "saveSchema");
    let differences = change["differences"].as_array().unwrap();
    let told = |place: &[&str]| {
        let mut all = differences.iter();
        let found = all.find(|it| {
            let at = it["place"].as_array().unwrap();
            at.ends_with(&place.iter().map(|it| json!(it)).collect::<Vec<_>>())
        });
        found
            .unwrap_or_else(|| panic!("{place:?}: {change}"))
            .clone()
    };
    let source = told(&[&users, "attribute mapping department", "source"]);
    assert_eq!(source["from"], "[department]");
    assert_eq!(source["to"], "ToUpper([department])");
    let flow = told(&[&users, "attribute mapping department", "flowType"]);
    assert_eq!(flow["from"], "Always");
    assert_eq!(flow["to"], "ObjectAddOnly");
    let city = told(&[&users, "attribute mapping city"]);
    assert_eq!(city["from"]["targetAttributeName"], "city");
    assert_eq!(city["to"], Value::Null);
    let filter = told(&[&users, "scoping filter", "group not Sales"]);
    assert_eq!(filter["from"], Value::Null);
    assert_eq!(filter["to"]["clauses"][0]["operatorName"], "NOT EQUALS");
    assert_eq!(differences.len(), 4, "{change}");

    // The same for people.
    let file = file(&syncline, wanted);
    let text = stdout(&syncline.run(&["plan", "--file", &file]));
    for line in [
        "~ schema: as the file has it\n",
        "attribute mapping department: source: [department] → ToUpper([department])\n",
        "attribute mapping department: flowType: Always → ObjectAddOnly\n",
        "attribute mapping city: [city]\n",
        "scoping filter: group not Sales: {",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert_eq!(changes(&apply(&syncline, wanted)), ["saveSchema"]);

    // Mappings in another order are other mappings, too.
    let mut schema = syncline.json(&["schema", "export", "--job", &id]);
    let people = &mut schema["synchronizationRules"][0]["objectMappings"][0];
    let mappings = people["attributeMappings"].as_array_mut().unwrap();
    mappings.reverse();
    syncline.file("schema.json", schema.to_string().as_bytes());
    let planned = plan(&syncline, wanted);
    let differences = &planned["configurations"][0]["changes"][0]["differences"];
    let place = differences[0]["place"].as_array().unwrap();
    assert_eq!(place.last().unwrap(), "order of attributeMappings");
    assert_eq!(differences.as_array().unwrap().len(), 1);
}

/// An earlier build took more.
#[test]
fn a_schema_that_is_stored_already_is_not_judged_again_by_a_file_that_has_it() {
    let syncline = two_tenants();
    let id = job(&apply(&syncline, &format!("{POLICY}    scope: all\n")));
    let mut schema = syncline.json(&["schema", "export", "--job", &id]);
    let people = &mut schema["synchronizationRules"][0]["objectMappings"][0];
    let values: Vec<String> = (0..1_001).map(|it| format!("d{it}")).collect();
    people["scope"] = json!({
        "groups": [{ "name": "many", "clauses": [{
            "sourceOperandName": "department",
            "operatorName": "NOT EQUALS",
            "targetOperand": { "values": values },
        }] }],
    });
    let mappings = people["attributeMappings"].as_array_mut().unwrap();
    let city = mappings.iter_mut();
    let city = city.filter(|it| it["targetAttributeName"] == "city").last();
    city.unwrap()["defaultValue"] = json!("x".repeat(200));
    let stored = received(schema).unwrap();
    let written = store(&syncline).write(|tx| {
        let mut jobs = tx.all_jobs()?.into_iter();
        let job = jobs.find(|job| job.id.as_str() == id).unwrap();
        StoredSchema::store(tx, &job, stored)
    });
    written.unwrap();

    let mut schema = syncline.json(&["schema", "export", "--job", &id]);
    syncline.file("schema.json", schema.to_string().as_bytes());
    let wanted = "    schema: schema.json\n";
    assert_eq!(changes(&apply(&syncline, wanted)), Vec::<&str>::new());
    let import = ["schema", "import", "--job", &id];
    let whole = syncline.file("schema.json", schema.to_string().as_bytes());
    let imported = syncline.json(&[&import[..], &[&whole]].concat());
    assert_eq!(imported["changed"], false);
    // The job itself goes on; nobody has a city.
    let planned = syncline.json(&["plan", "--job", &id]);
    assert_eq!(planned["counts"]["escrowed"], 3, "{planned}");

    // Another one is: how much there is in it first, then all else.
    schema["synchronizationRules"][0]["name"] = json!("Another");
    let refused_for = |schema: &serde_json::Value, why: &str| {
        syncline.file("schema.json", schema.to_string().as_bytes());
        let file = file(&syncline, wanted);
        for command in [vec!["plan", "--file", &file], vec!["apply", &file]] {
            let said = refused(&syncline, &command);
            assert!(said.contains("schema.json cannot be saved: 1"), "{said}");
            assert!(said.contains(why), "{said}");
        }
    };
    refused_for(&schema, "there are 1001 values");
    let people = &mut schema["synchronizationRules"][0]["objectMappings"][0];
    people["scope"] = json!(null);
    refused_for(&schema, "at most 128 characters");
}

#[test]
fn groups_that_are_let_in_and_not_sent_are_remarked() {
    let syncline = two_tenants();
    let begin = |more: &str| {
        let policy = "    policy: { users: true, groups: true, automaticRedemption: true }\n";
        format!("{policy}    scope: all\n{more}")
    };
    let remarks = |answer: &Value| {
        let remarks = answer["configurations"][0]["remarks"].as_array();
        remarks.cloned().unwrap_or_default()
    };
    let applied = apply(&syncline, &begin(""));
    let job = job(&applied);
    // Beforehand, with the job that it made, and when there is nothing to change.
    for answer in [&applied, &apply(&syncline, &begin(""))] {
        let remarks = remarks(answer);
        let remark = remarks[0].as_str().unwrap();
        assert!(
            remark.contains("docs/recipes/synchronize-groups.md")
                && remark.contains("syncline schema export"),
            "{remark}"
        );
        assert_eq!(remarks.len(), 1);
    }
    let text = stdout(&syncline.run(&["apply", &file(&syncline, &begin(""))]));
    assert!(
        text.contains("  ! groups are let in, but none are sent"),
        "{text}"
    );

    let mut schema = syncline.json(&["schema", "export", "--job", &job]);
    syncline.file("schema.json", schema.to_string().as_bytes());
    let the_same = plan(&syncline, &begin("    schema: schema.json\n"));
    assert_eq!(remarks(&the_same).len(), 1);
    schema["synchronizationRules"][0]["objectMappings"][1]["enabled"] = true.into();
    syncline.file("schema.json", schema.to_string().as_bytes());
    // It is to be saved, was saved, and stands there without being named.
    for more in ["    schema: schema.json\n", "    schema: schema.json\n", ""] {
        assert_eq!(
            remarks(&apply(&syncline, &begin(more))),
            Vec::<Value>::new()
        );
    }

    // Of two configurations one is enough.
    let second = "  - { name: Second, source: contoso.example, target: fabrikam.example }\n";
    let both = file(&syncline, &begin(second));
    let both = syncline.json(&["plan", "--file", &both]);
    for at in [0, 1] {
        let remarks = &both["configurations"][at]["remarks"];
        assert_eq!(*remarks, Value::Null, "{both}");
    }
}
