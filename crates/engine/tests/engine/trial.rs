//! Unit tests of schemas: scoping clauses among what cases reach.

use serde_json::json;
use syncline_engine::schema::{FILTER_OPERATORS, compile};
use syncline_engine::trial::{self, Suite};
use syncline_model::Schema;

use crate::scoping::filter;
use crate::support::{NOW, default_schema};

const GROUP: &str = "00000000-0000-0000-0000-000000000007";

#[test]
fn clauses_of_every_operator_count_and_can_be_reached_both_ways() {
    let mut schema = default_schema();
    let mut groups = Vec::new();
    for operator in FILTER_OPERATORS {
        let (attribute, value) = match operator.name {
            "IS TRUE" | "IS FALSE" => ("dirSyncEnabled", "x"),
            "IsMemberOf" => ("memberOf", GROUP),
            _ => ("employeeId", "7"),
        };
        let values = [value];
        groups.extend(filter(&[("g", &[(attribute, operator.name, &values)])]).groups);
    }
    groups.extend(filter(&[("g", &[("manager", "EQUALS", &[GROUP])])]).groups);
    let scope = syncline_engine::schema::Filter {
        // An early clause counts like the others.
        input_filter_groups: filter(&[("early", &[("city", "EQUALS", &["Bern"])])]).groups,
        groups,
        ..Default::default()
    };
    schema.synchronization_rules[0].object_mappings[0].scope = Some(scope);
    let rules = compile(&schema, Schema::core()).unwrap();
    let clauses = FILTER_OPERATORS.len() + 2;

    let person = |id: Option<&str>, synced: Option<bool>, groups: &[&str], city: &str| {
        json!({
            "name": "somebody",
            "source": {"userPrincipalName": "a@x.example", "displayName": "A", "mailNickname": "a",
                "employeeId": id, "dirSyncEnabled": synced, "city": city},
            "references": {"memberOf": groups, "manager": groups},
            "inScope": city == "Bern",
        })
    };
    let suite = |cases: serde_json::Value| -> Suite {
        serde_json::from_value(json!({"cases": cases})).unwrap()
    };
    let missed = |suite: &Suite| {
        let report = trial::run(suite, &rules, Schema::core(), NOW);
        for case in &report.cases {
            assert!(case.problems.is_empty(), "{:?}", case.problems);
        }
        report
            .missed
            .iter()
            .filter(|it| it.place.ends_with("scope"))
            .count()
    };
    assert_eq!(missed(&suite(json!([]))), 2 * clauses);
    let all = json!([
        person(Some("7"), Some(true), &[GROUP], "Bern"),
        person(Some("8"), Some(false), &[], "Bern"),
        person(None, None, &[], "Thun"),
        person(Some("6"), None, &[], "Bern"),
    ]);
    assert_eq!(missed(&suite(all)), 0);
}

/// Attributes that no mapping reads are known to clauses alone.
#[test]
fn what_only_clauses_ask_for_can_be_tried_both_ways() {
    let mut schema = default_schema();
    let asked = [
        ("extensionAttribute1", "EQUALS", &["x"] as &[_]),
        ("extensionAttribute15", "IS NULL", &[]),
        ("ageGroup", "EQUALS", &["Adult"]),
    ];
    schema.synchronization_rules[0].object_mappings[0].scope = Some(filter(&[("g", &asked)]));
    let rules = compile(&schema, Schema::core()).unwrap();
    let case = |source: serde_json::Value, in_scope: bool| {
        let mut case = json!({"name": source.to_string(), "inScope": in_scope, "source": source});
        case["source"]["userPrincipalName"] = "a@x.example".into();
        case["source"]["displayName"] = "A".into();
        case["source"]["mailNickname"] = "a".into();
        case
    };
    let suite: Suite = serde_json::from_value(json!({"cases": [
        case(json!({"extensionAttribute1": "x", "extensionAttribute15": null, "ageGroup": "Adult"}), true),
        case(json!({"extensionAttribute1": "y", "extensionAttribute15": "z", "ageGroup": "Minor"}), false),
    ]}))
    .unwrap();
    let report = trial::run(&suite, &rules, Schema::core(), NOW);
    for case in &report.cases {
        assert!(case.problems.is_empty(), "{:?}", case.problems);
    }
    let mut missed = report.missed.iter();
    assert!(!missed.any(|it| it.place.ends_with("scope")));
    let suite: Suite = serde_json::from_value(json!({"cases": [
        case(json!({"extensionAttribute1": 7, "extensionAttribute16": "x"}), true),
    ]}))
    .unwrap();
    let report = trial::run(&suite, &rules, Schema::core(), NOW);
    let problems = report.cases[0].problems.join("\n");
    assert!(
        problems.contains("`extensionAttribute1` wants a text"),
        "{problems}"
    );
    assert!(
        problems.contains("`extensionAttribute16` is not an attribute of User"),
        "{problems}"
    );
}

/// A member that is given by its own name counts, wherever its complex value stands in the file.
#[test]
fn a_member_counts_beside_its_complex_value() {
    let mut schema = default_schema();
    let asked = [
        ("extensionAttribute1", "EQUALS", &["x"] as &[_]),
        ("extensionAttribute2", "EQUALS", &["y"]),
        ("extensionAttribute3", "IS NULL", &[]),
    ];
    schema.synchronization_rules[0].object_mappings[0].scope = Some(filter(&[("g", &asked)]));
    let rules = compile(&schema, Schema::core()).unwrap();
    let suite: Suite = serde_json::from_value(json!({"cases": [{
        "name": "both",
        "inScope": true,
        "source": {
            "userPrincipalName": "a@x.example", "displayName": "A", "mailNickname": "a",
            "extensionAttribute1": "x",
            "extensionAttribute3": null,
            "onPremisesExtensionAttributes":
                {"extensionAttribute1": "w", "extensionAttribute2": "y", "extensionAttribute3": "z"},
        },
    }]}))
    .unwrap();
    let report = trial::run(&suite, &rules, Schema::core(), NOW);
    let problems = &report.cases[0].problems;
    assert!(problems.is_empty(), "{problems:?}");
}

#[test]
fn references_that_make_no_sense_are_told() {
    let suite: Suite = serde_json::from_value(json!({"cases": [{
        "name": "wrong",
        "source": {"userPrincipalName": "a@x.example", "manager": "Bob"},
        "references": {"department": ["x"], "manager": ["Bob"], "appRoleAssignments": []},
    }]}))
    .unwrap();
    let rules = compile(&default_schema(), Schema::core()).unwrap();
    let report = trial::run(&suite, &rules, Schema::core(), NOW);
    let problems = report.cases[0].problems.join("\n");
    for told in [
        "`manager` refers to other objects; write their ids into `references`",
        "`department` is no reference; write it into `source`",
        "manager: `Bob` is not an object id",
        "write the roles of `appRoleAssignments` into `roles`",
    ] {
        assert!(problems.contains(told), "{told} in\n{problems}");
    }
}

/// A schema that was stored may have a second mapping of a kind that is switched on: no case can go through it.
#[test]
fn ways_of_a_mapping_that_never_decides_do_not_count() {
    let mut schema = default_schema();
    let branches = |schema: &_| {
        let rules = compile(schema, Schema::core()).unwrap();
        let none: Suite = serde_json::from_value(json!({"cases": []})).unwrap();
        trial::run(&none, &rules, Schema::core(), NOW).branches
    };
    let before = branches(&schema);
    let mappings = &mut schema.synchronization_rules[0].object_mappings;
    let second = mappings[0].clone();
    mappings.push(second);
    assert_eq!(branches(&schema), before);
}
