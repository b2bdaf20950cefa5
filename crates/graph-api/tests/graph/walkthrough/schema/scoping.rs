//! Scoping filters and mappings that a cycle follows, and filters it can not.

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

#[test]
fn operators_that_come_later_say_so() {
    let world = World::new();
    let job = Job::new(&world);
    let path = "synchronizationRules[0].objectMappings[0].scope.groups[0].clauses[0].operatorName";
    for operator in [
        "REGEX MATCH",
        "NOT REGEX MATCH",
        "GREATER_THAN",
        "GREATER_THAN_OR_EQUALS",
        "INCLUDES",
        "IsMemberOf",
        "ENDS_WITH",
        "&",
        "!&",
    ] {
        let mut schema = job.schema();
        users(&mut schema)["scope"] = filter(operator, "department", json!(["x"]));
        job.refuses(
            &schema,
            "notSupported",
            path,
            &format!("operator {operator} is not supported yet"),
        );
    }
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
            "`LIKES` is not a filter operator",
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
            "exactly one value",
        ),
        (
            filter("EQUALS", "department", json!([])),
            "schemaInvalid",
            format!("{clause}.targetOperand"),
            "exactly one value",
        ),
        (
            filter("IS TRUE", "department", Json::Null),
            "schemaInvalid",
            format!("{clause}.operatorName"),
            "Boolean",
        ),
        (
            filter("EQUALS", "manager", json!(["x"])),
            "notSupported",
            format!("{clause}.sourceOperandName"),
            "not supported yet",
        ),
        (
            json!({"groups": [{"name": "empty", "clauses": []}]}),
            "schemaInvalid",
            format!("{scope}.groups[0].clauses"),
            "needs a clause",
        ),
        (
            json!({"groups": [], "inputFilterGroups": [{"name": "early", "clauses": [{"operatorName": "IS NULL", "sourceOperandName": "city"}]}]}),
            "notSupported",
            format!("{scope}.inputFilterGroups"),
            "not supported yet",
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
