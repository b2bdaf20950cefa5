//! Scoping filters and mappings that a cycle follows, and filters that make no sense.

use serde_json::{Value as Json, json};

use super::*;
use crate::walkthrough::callers::everything;
use crate::walkthrough::setup::{employee, synchronized};
use crate::world::World;

#[test]
fn supported_operators_are_stored_and_decide() {
    let world = World::new();
    let job = Job::new(&world);
    for (name, department) in [("ada", "Marketing"), ("bea", "Sales"), ("cleo", "")] {
        let mut body = crate::world::person(name);
        if !department.is_empty() {
            body["department"] = department.into();
        }
        job.client.post("/v1.0/users", body).created();
    }
    job.configuration.synchronize_all(&world);
    job.configuration.start(&world);
    let mut everybody = 0;
    for (operator, operand, values, expected) in [
        ("EQUALS", "department", json!(["Marketing"]), 1),
        // Values compare exactly.
        ("EQUALS", "department", json!(["marketing"]), 0),
        // Nobody without a department is "not Sales".
        ("NOT EQUALS", "department", json!(["Sales"]), 1),
        ("IS NULL", "department", Json::Null, 1),
        ("IS NOT NULL", "department", Json::Null, 2),
        ("IS FALSE", "accountEnabled", Json::Null, 0),
        ("IS TRUE", "accountEnabled", Json::Null, 3),
    ] {
        let mut schema = job.schema();
        users(&mut schema)["scope"] = filter(operator, operand, values);
        job.put(&schema).no_content();
        assert_eq!(
            users(&mut job.schema())["scope"],
            users(&mut schema)["scope"]
        );
        job.configuration.cycle(&world);
        everybody = synchronized(&world, "fabrikam").len();
        assert_eq!(everybody, expected, "{operator} {operand}");
    }
    assert_eq!(everybody, 3);
}

/// (attribute, operator, values, whether it holds for Ada): every operator, by the names that Graph's
/// pages and the portal have for them.
fn every_operator(manager: &str, group: &str) -> Vec<(&'static str, &'static str, Json, bool)> {
    vec![
        ("department", "EQUALS", json!(["Marketing", "Sales"]), true),
        ("department", "NOT EQUALS", json!(["Marketing"]), false),
        ("department", "REGEX MATCH", json!(["^Mark(?=eting)"]), true),
        ("department", "NOT REGEX MATCH", json!(["^S"]), true),
        ("accountEnabled", "IS TRUE", Json::Null, true),
        ("accountEnabled", "IS FALSE", Json::Null, false),
        ("city", "IS NULL", Json::Null, true),
        ("city", "IS NOT NULL", Json::Null, false),
        ("employeeId", "GREATER_THAN", json!(["1041"]), true),
        (
            "employeeHireDate",
            "GREATER_THAN",
            json!(["2024-03-01"]),
            false,
        ),
        (
            "employeeHireDate",
            "GREATER_THAN_OR_EQUALS",
            json!(["2024-03-01"]),
            true,
        ),
        ("department", "INCLUDES", json!(["arke"]), true),
        (
            "userPrincipalName",
            "ENDS_WITH",
            json!(["@contoso.example"]),
            true,
        ),
        ("department", "&", json!(["Sales, Marketing"]), true),
        ("department", "!&", json!(["Sales, Legal"]), true),
        ("manager", "EQUALS", json!([manager]), true),
        ("memberOf", "IsMemberOf", json!([group]), true),
        ("userType", "EQUALS", json!(["Member"]), true),
        ("appRoleAssignments", "IS NOT NULL", Json::Null, true),
        ("otherMails", "INCLUDES", json!(["@old.example"]), true),
        ("accountExpires", "IS NULL", Json::Null, true),
    ]
}

#[test]
fn every_operator_is_stored_decides_and_is_shown() {
    let world = World::new();
    let job = Job::new(&world);
    let boss = employee(&world, "boss", "Board");
    let ada = employee(&world, "ada", "Marketing");
    let team = world.group("Team");
    job.client
        .patch(
            &format!("/v1.0/users/{ada}"),
            json!({"employeeId": "1042", "employeeHireDate": "2024-03-01", "otherMails": ["a@old.example", "b@old.example"]}),
        )
        .no_content();
    let reference = |id: &str| json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{id}")});
    job.client
        .put(&format!("/v1.0/users/{ada}/manager/$ref"), reference(&boss))
        .no_content();
    job.client
        .post(
            &format!("/v1.0/groups/{team}/members/$ref"),
            reference(&ada),
        )
        .no_content();
    job.configuration.assign(&world, &ada);

    let clauses = every_operator(&boss, &team);
    let groups: Vec<Json> = clauses
        .iter()
        .map(|(attribute, operator, values, _)| {
            let mut group = filter(operator, attribute, values.clone())["groups"][0].clone();
            group["name"] = "G".into();
            group
        })
        .collect();
    let mut schema = job.schema();
    users(&mut schema)["scope"] =
        json!({"groups": groups, "categoryFilterGroups": [], "inputFilterGroups": []});
    job.put(&schema).no_content();
    assert_eq!(
        users(&mut job.schema())["scope"],
        users(&mut schema)["scope"]
    );

    let call = job.configuration.on_demand(&ada);
    let url = job.configuration.job_url("/provisionOnDemand");
    let result = crate::walkthrough::setup::on_demand_result(&job.client.post(&url, call).ok());
    assert_eq!(result["action"], "Create", "{result:#}");
    let steps = result["provisioningSteps"].as_array().unwrap();
    let scoping = steps
        .iter()
        .find(|it| it["name"] == "EntrySynchronizationScoping")
        .unwrap();
    let shown: Json =
        serde_json::from_str(&text(&scoping["details"], "ScopeEvaluationResult")).unwrap();
    let expected: serde_json::Map<String, Json> = clauses
        .iter()
        .map(|(attribute, operator, values, holds)| {
            let values: Vec<String> = values
                .as_array()
                .into_iter()
                .flatten()
                .map(|it| format!("'{}'", it.as_str().unwrap()))
                .collect();
            let words = format!("G.{attribute} {operator} {}", values.join(","));
            (words.trim_end().to_owned(), json!(holds))
        })
        .collect();
    assert_eq!(shown, Json::Object(expected));
}

#[test]
fn who_joins_or_leaves_a_group_enters_or_leaves_the_scope() {
    let world = World::new();
    let job = Job::new(&world);
    let ada = employee(&world, "ada", "Marketing");
    employee(&world, "bea", "Marketing");
    let team = world.group("Team");
    let mut schema = job.schema();
    users(&mut schema)["scope"] = filter("IsMemberOf", "memberOf", json!([team]));
    job.put(&schema).no_content();
    job.configuration.synchronize_all(&world);
    job.configuration.start(&world);
    let there = |expected: usize| {
        job.configuration.cycle(&world);
        assert_eq!(synchronized(&world, "fabrikam").len(), expected);
    };
    there(0);
    job.client
        .post(
            &format!("/v1.0/groups/{team}/members/$ref"),
            json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{ada}")}),
        )
        .no_content();
    there(1);
    job.client
        .delete(&format!("/v1.0/groups/{team}/members/{ada}/$ref"))
        .no_content();
    there(0);
}

#[test]
fn whom_an_early_filter_leaves_out_stays_as_he_is() {
    let world = World::new();
    let job = Job::new(&world);
    let ada = employee(&world, "ada", "Marketing");
    job.configuration.assign(&world, &ada);
    job.configuration.start(&world);
    job.configuration.cycle(&world);
    for name in ["inputFilterGroups", "categoryFilterGroups"] {
        let mut schema = job.schema();
        let groups = filter("EQUALS", "department", json!(["Sales"]))["groups"].clone();
        users(&mut schema)["scope"] = json!({
            "groups": [], "inputFilterGroups": [], "categoryFilterGroups": [],
        });
        users(&mut schema)["scope"][name] = groups;
        job.put(&schema).no_content();
        assert_eq!(
            users(&mut job.schema())["scope"],
            users(&mut schema)["scope"]
        );
        job.client
            .patch(
                &format!("/v1.0/users/{ada}"),
                json!({"jobTitle": format!("left out by {name}")}),
            )
            .no_content();
        let counts = job.configuration.cycle(&world).counts;
        assert_eq!(
            (counts.updated, counts.deleted),
            (0, 0),
            "{name}: {counts:?}"
        );
        assert_eq!(synchronized(&world, "fabrikam").len(), 1);
    }
    let mut schema = job.schema();
    users(&mut schema)["scope"] = Json::Null;
    job.put(&schema).no_content();
    assert_eq!(job.configuration.cycle(&world).counts.updated, 1);
}

#[test]
fn filters_that_can_not_be_evaluated_are_refused() {
    let world = World::new();
    let job = Job::new(&world);
    let scope = "synchronizationRules[0].objectMappings[0].scope";
    let clause = format!("{scope}.groups[0].clauses[0]");
    for (filter, code, path, message) in [
        (
            filter("LIKES", "department", json!(["x"])),
            "schemaInvalid",
            format!("{clause}.operatorName"),
            "use one of EQUALS, NOT EQUALS",
        ),
        (
            filter("EQUALS", "shoeSize", json!(["x"])),
            "schemaInvalid",
            format!("{clause}.sourceOperandName"),
            "`shoeSize`",
        ),
        (
            filter("EQUALS", "department", Json::Null),
            "schemaInvalid",
            format!("{clause}.targetOperand"),
            "compares with a value",
        ),
        (
            filter("EQUALS", "department", json!([])),
            "schemaInvalid",
            format!("{clause}.targetOperand"),
            "compares with a value",
        ),
        (
            filter("IS TRUE", "department", Json::Null),
            "schemaInvalid",
            format!("{clause}.operatorName"),
            "Boolean",
        ),
        (
            filter("EQUALS", "manager", json!(["x"])),
            "schemaInvalid",
            format!("{clause}.targetOperand.values[0]"),
            "`x` is not an object id",
        ),
        (
            json!({"groups": [{"name": "empty", "clauses": []}]}),
            "schemaInvalid",
            format!("{scope}.groups[0].clauses"),
            "needs a clause",
        ),
        (
            json!({"groups": [], "inputFilterGroups": [{"name": "early", "clauses": [{"operatorName": "IS NUL", "sourceOperandName": "city"}]}]}),
            "schemaInvalid",
            format!("{scope}.inputFilterGroups[0].clauses[0].operatorName"),
            "did you mean `IS NULL`?",
        ),
    ] {
        let mut schema = job.schema();
        users(&mut schema)["scope"] = filter;
        job.refuses(&schema, code, &path, message);
    }
}

#[test]
fn a_changed_mapping_reaches_everybody_in_the_next_cycle() {
    let world = World::new();
    let job = Job::new(&world);
    let ada = employee(&world, "ada", "Marketing");
    job.configuration.assign(&world, &ada);
    job.configuration.start(&world);
    job.configuration.cycle(&world);
    let mut schema = job.schema();
    mapping(&mut schema, "department")["source"] = json!({
        "expression": "Append([department], \" EMEA\")",
        "name": "Append",
        "type": "Function",
        "parameters": [
            {"key": "source", "value": {"expression": "[department]", "name": "department", "type": "Attribute", "parameters": []}},
            {"key": "suffix", "value": {"expression": "\" EMEA\"", "name": " EMEA", "type": "Constant", "parameters": []}},
        ],
    });
    job.put(&schema).no_content();
    assert_eq!(job.configuration.cycle(&world).counts.updated, 1);
    let there = everything(&world, "fabrikam")
        .all("/v1.0/users?$filter=creationType eq 'Invitation'&$select=department");
    assert_eq!(there[0]["department"], "Marketing EMEA");
}

/// Kept as a stranger's member, each of these would leave everybody in scope.
#[test]
fn a_misspelt_filter_is_refused_and_changes_nothing() {
    let world = World::new();
    let job = Job::new(&world);
    let users_path = "synchronizationRules[0].objectMappings[0]";
    let good = filter("EQUALS", "department", json!(["Sales"]));
    for (scope, path, meant) in [
        (
            json!({"group": good["groups"], "groups": []}),
            "scope.group",
            "groups",
        ),
        (
            json!({"inputFilterGroup": good["groups"], "groups": []}),
            "scope.inputFilterGroup",
            "inputFilterGroups",
        ),
        (
            {
                let mut scope = good.clone();
                scope["groups"][0]["clauses"][0]["multivaluedComparisionType"] = "Any".into();
                scope
            },
            "scope.groups[0].clauses[0].multivaluedComparisionType",
            "multivaluedComparisonType",
        ),
    ] {
        let mut schema = job.schema();
        users(&mut schema)["scope"] = scope;
        job.refuses(
            &schema,
            "schemaInvalid",
            &format!("{users_path}.{path}"),
            &format!("did you mean `{meant}`?"),
        );
    }
    let mut schema = job.schema();
    users(&mut schema)["scop"] = good.clone();
    let path = format!("{users_path}.scop");
    job.refuses(&schema, "schemaInvalid", &path, "did you mean `scope`?");

    let mut schema = job.schema();
    let path = path_of(&mut schema, "city");
    let city = mapping(&mut schema, "city").as_object_mut().unwrap();
    let name = city.remove("targetAttributeName").unwrap();
    city.insert("targetAtributeName".to_owned(), name);
    job.refuses(
        &schema,
        "schemaInvalid",
        &format!("{path}.targetAtributeName"),
        "did you mean `targetAttributeName`?",
    );

    // Annotations of official clients are none.
    let mut schema = job.schema();
    let mut annotated = good;
    annotated["@odata.type"] = "#microsoft.graph.filter".into();
    annotated["groups"][0]["clauses"][0]["@odata.type"] = "#microsoft.graph.filterClause".into();
    users(&mut schema)["scope"] = annotated;
    job.put(&schema).no_content();
}

#[test]
fn a_body_of_another_shape_is_told_in_plain_words() {
    let world = World::new();
    let job = Job::new(&world);
    let mut schema = job.schema();
    users(&mut schema)["scope"] = filter("EQUALS", "department", json!([5]));
    let path = "synchronizationRules[0].objectMappings[0].scope.groups[0].clauses[0].targetOperand.values[0]";
    job.refuses(&schema, "schemaInvalid", path, "values[0] must be a text");
    users(&mut schema)["scope"] = filter("EQUALS", "department", json!([""]));
    job.refuses(&schema, "schemaInvalid", path, "use IS NULL");
    for body in [json!([]), json!({"synchronizationRules": 5})] {
        let answer = job.put(&body);
        assert_eq!(answer.status, 400);
        let said = answer.json().to_string();
        assert!(
            !said.contains("struct ") && !said.contains("invalid type"),
            "{said}"
        );
    }
}
