//! `syncline schema test`.

use serde_json::{Value as Json, json};
use syncline_engine::template::{AZURE2AZURE, azure2azure};

use crate::support::{Syncline, stderr, stdout};

fn suite(cases: &Json) -> Vec<u8> {
    json!({ "schema": "schema.json", "cases": cases })
        .to_string()
        .into_bytes()
}

/// The default schema with a mapping and a filter that branch.
fn schema() -> Vec<u8> {
    let schema = azure2azure(AZURE2AZURE, uuid::Uuid::nil());
    let mut schema = serde_json::to_value(schema).unwrap();
    let users = &mut schema["synchronizationRules"][0]["objectMappings"][0];
    users["scope"] = json!({"groups": [{"name": "G", "clauses": [
        {"operatorName": "NOT EQUALS", "sourceOperandName": "employeeType", "targetOperand": {"values": ["Contractor"]}},
    ]}]});
    let mapping = users["attributeMappings"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .find(|it| it["targetAttributeName"] == "department")
        .unwrap();
    mapping["source"] = json!({
        "expression": "IIF([country] = \"CH\", \"Alps\", [department])",
        "type": "Function",
    });
    schema.to_string().into_bytes()
}

fn person(more: &[(&str, &str)]) -> Json {
    let mut person = json!({"userPrincipalName": "a@b.example", "displayName": "A", "mailNickname": "a", "employeeType": "Employee"});
    for (name, value) in more {
        person[*name] = (*value).into();
    }
    person
}

#[test]
fn the_example_for_the_default_schema_passes() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../examples/default-schema.test.json"
    );
    let syncline = Syncline::new();
    let report = syncline.json(&["schema", "test", file, "--min-coverage", "100"]);
    assert_eq!(report["failed"], 0, "{report:#}");
    assert_eq!(report["coverage"]["percent"], 100, "{report:#}");
    assert!(report["cases"].as_array().unwrap().len() >= 9);
    assert!(!syncline.data().exists(), "no data directory is touched");
}

#[test]
fn failures_say_what_was_expected_and_what_came_out() {
    let syncline = Syncline::new();
    syncline.file("schema.json", &schema());
    let file = syncline.file(
        "it.test.json",
        &suite(&json!([
            {"name": "good", "source": person(&[("country", "CH")]), "target": {"department": "Alps", "city": null}},
            {"name": "wrong value", "source": person(&[("department", "IT")]), "target": {"department": "Alps", "city": "Bern"}},
            {"name": "wrongly in scope", "source": person(&[]), "inScope": false},
            {"name": "wrongly out of scope", "source": person(&[("employeeType", "Contractor")])},
            {"name": "misspelt", "source": person(&[("departmnt", "IT")]), "target": {}},
            {"name": "fails", "source": {"userPrincipalName": "a@b.example", "employeeType": "E"}},
        ])),
    );
    let output = syncline.run(&["schema", "test", &file]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let said = stdout(&output);
    for line in [
        "ok   good",
        "FAIL wrong value",
        "       city: expected \"Bern\", got no value",
        "       department: expected \"Alps\", got \"IT\"",
        "       should not be in scope, and is",
        "       should be in scope, and is not: NotInProvisioningScope (G.employeeType NOT EQUALS 'Contractor' is false)",
        "       `departmnt` is not an attribute of User; did you mean `department`?",
        "1 of 6 cases passed",
    ] {
        assert!(said.contains(line), "{line}\nnot in\n{said}");
    }
    assert!(said.contains("fails with MissingValues"), "{said}");
}

#[test]
fn branches_that_no_case_reaches_are_named() {
    let syncline = Syncline::new();
    syncline.file("schema.json", &schema());
    let cases = json!([{"name": "one", "source": person(&[("country", "CH")])}]);
    let file = syncline.file("it.test.json", &suite(&cases));
    let report = syncline.json(&["schema", "test", &file]);
    let missed = report["coverage"]["missed"].as_array().unwrap();
    for expected in [
        json!({"place": "User: department", "text": "IIF([country] = \"CH\", \"Alps\", [department])", "way": "the condition does not hold"}),
        json!({"place": "User: scope", "text": "employeeType NOT EQUALS 'Contractor'", "way": "it does not hold"}),
    ] {
        assert!(missed.contains(&expected), "{expected} not in {missed:#?}");
    }
    let output = syncline.run(&["schema", "test", &file, "--min-coverage", "100"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("100 % are asked for"));
}

#[test]
fn what_the_target_has_is_updated() {
    let syncline = Syncline::new();
    syncline.file("schema.json", &schema());
    let cases = json!([{
        "name": "update",
        "source": person(&[("country", "FR")]),
        "current": {"department": "IT", "userType": "Guest", "displayName": "A"},
        "target": {"department": null, "userType": "Guest", "country": "FR"},
    }]);
    let file = syncline.file("it.test.json", &suite(&cases));
    assert_eq!(syncline.json(&["schema", "test", &file])["failed"], 0);
}

#[test]
fn files_that_can_not_be_used_say_why() {
    let syncline = Syncline::new();
    let file = syncline.file(
        "it.test.json",
        br#"{"cases": [{"name": "x", "source": {}, "traget": {}}]}"#,
    );
    assert!(
        syncline
            .fails(&["schema", "test", &file])
            .contains("unknown field `traget`")
    );
    let file = syncline.file("it.test.json", &suite(&json!([])));
    assert!(
        syncline
            .fails(&["schema", "test", &file])
            .contains("cannot read")
    );
    syncline.file("schema.json", &schema());
    let said = syncline.fails(&["schema", "test", &file]);
    assert!(said.contains("it.test.json has no cases"), "{said}");
    let mut wrong: Json = serde_json::from_slice(&schema()).unwrap();
    wrong["synchronizationRules"][0]["objectMappings"][0]["attributeMappings"][3]["source"]["expression"] =
        "Foo(".into();
    syncline.file("schema.json", wrong.to_string().as_bytes());
    let said = syncline.fails(&["schema", "test", &file]);
    assert!(
        said.contains("attributeMappings[3].source.expression: unknown function `Foo`"),
        "{said}"
    );
}

/// No tenant is asked: what the schema's directories list is known of extensions.
#[test]
fn extensions_are_known_when_the_schema_lists_them() {
    let name = format!("extension_{}_skills", "0".repeat(32));
    let mut schema: Json = serde_json::from_slice(&schema()).unwrap();
    for (directory, kind, many) in [(0, "String", true), (1, "String", false)] {
        schema["directories"][directory]["objects"][0]["attributes"]
            .as_array_mut()
            .unwrap()
            .push(json!({"name": name, "type": kind, "multivalued": many}));
    }
    let mappings = &mut schema["synchronizationRules"][0]["objectMappings"][0]["attributeMappings"];
    mappings.as_array_mut().unwrap().push(json!({
        "targetAttributeName": name,
        "source": {"expression": format!("Join(\"/\", [{name}])"), "type": "Function"},
    }));
    let mut source = person(&[]);
    source[&name] = json!(["Rust", "SQL"]);
    let cases = json!([{"name": "joined", "source": source, "target": {&name: "Rust/SQL"}}]);
    let syncline = Syncline::new();
    syncline.file("schema.json", schema.to_string().as_bytes());
    let file = syncline.file("suite.json", &suite(&cases));
    let report = syncline.json(&["schema", "test", &file]);
    assert_eq!(report["failed"], 0, "{report:#}");

    schema["directories"] = json!([]);
    syncline.file("schema.json", schema.to_string().as_bytes());
    assert!(syncline.fails(&["schema", "test", &file]).contains(&name));
}

#[test]
fn an_extension_that_the_schema_does_not_list_is_not_said_to_be_missing_in_the_tenant() {
    let syncline = Syncline::new();
    let name = "extension_0123456789abcdef0123456789abcdef_skills";
    let mut wrong: Json = serde_json::from_slice(&schema()).unwrap();
    wrong["synchronizationRules"][0]["objectMappings"][0]["attributeMappings"][3]["targetAttributeName"] =
        name.into();
    syncline.file("schema.json", wrong.to_string().as_bytes());
    let file = syncline.file("it.test.json", &suite(&json!([])));
    let said = syncline.fails(&["schema", "test", &file]);
    assert!(
        said.contains(name) && said.contains("no tenant was asked") && said.contains("/discover`"),
        "{said}"
    );
    assert!(!said.contains("tenant has no such"), "{said}");
}

#[test]
fn a_misspelt_scope_and_a_wrong_shape_are_told() {
    let syncline = Syncline::new();
    let file = syncline.file("it.test.json", &suite(&json!([])));
    let mut wrong: Json = serde_json::from_slice(&schema()).unwrap();
    wrong["synchronizationRules"][0]["objectMappings"][0]["scop"] = json!({"groups": []});
    syncline.file("schema.json", wrong.to_string().as_bytes());
    let said = syncline.fails(&["schema", "test", &file]);
    assert!(said.contains("did you mean `scope`?"), "{said}");
    syncline.file("schema.json", b"[]");
    let said = syncline.fails(&["schema", "test", &file]);
    assert!(said.contains("the schema must be an object"), "{said}");
    assert!(!said.contains("struct"), "{said}");
}
