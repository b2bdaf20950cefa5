//! Reading, keeping and validating schemas.

use serde_json::json;
use syncline_engine::Rule;
use syncline_engine::schema::{
    AttributeMapping, AttributeMappingSource as Source, FlowTypes, ObjectMapping, SchemaDiagnostic,
    SynchronizationSchema, compile, compile_with, received,
};
use syncline_expression::Limits;
use syncline_model::{EntityKind, Schema};

use crate::support::{default_schema, expression, rule_with};

fn problems(change: impl FnOnce(&mut ObjectMapping)) -> Vec<SchemaDiagnostic> {
    let mut schema = default_schema();
    change(&mut schema.synchronization_rules[0].object_mappings[0]);
    compile(&schema, Schema::core()).expect_err("the schema is refused")
}

/// Path (below the users' mapping) and code of each problem.
fn places(problems: &[SchemaDiagnostic]) -> Vec<(&str, &str)> {
    problems
        .iter()
        .map(|it| {
            let path = it
                .path
                .strip_prefix("synchronizationRules[0].objectMappings[0].");
            (path.unwrap_or(it.path.as_str()), it.code)
        })
        .collect()
}

fn extra_mapping(target: &str, source: Option<Source>) -> AttributeMapping {
    AttributeMapping {
        target_attribute_name: Some(target.to_owned()),
        source,
        ..AttributeMapping::default()
    }
}

#[test]
fn unknown_keys_survive() {
    let body = json!({
        "id": "Azure2Azure.x", "version": "v1.2", "directories": [], "@odata.etag": "W/1",
        "synchronizationRules": [{
            "containerFilter": null, "editable": true, "groupFilter": null, "id": "r", "metadata": [], "name": "R",
            "priority": 1, "sourceDirectoryName": "a", "targetDirectoryName": "b", "futureRuleKey": {"a": [1]},
            "objectMappings": [{
                "enabled": true, "flowTypes": "Add, Update", "metadata": [{"key": "K", "value": null, "m": 1}],
                "name": "n", "sourceObjectName": "User", "targetObjectName": "User", "futureMappingKey": 7,
                "scope": {
                    "categoryFilterGroups": [], "inputFilterGroups": [], "x": true,
                    "groups": [{"name": "g", "y": 1, "clauses": [{
                        "operatorName": "EQUALS", "sourceOperandName": "department", "z": null,
                        "targetOperand": {"values": ["Marketing"], "w": ""}
                    }]}]
                },
                "attributeMappings": [{
                    "defaultValue": "", "exportMissingReferences": false, "flowBehavior": "FlowAlways",
                    "flowType": "ObjectAddOnly", "matchingPriority": 0, "targetAttributeName": "city", "v": [],
                    "source": {"expression": "[city]", "name": "city", "parameters": [], "type": "Attribute", "u": 1}
                }]
            }]
        }]
    });
    let schema: SynchronizationSchema = serde_json::from_value(body.clone()).unwrap();
    assert_eq!(serde_json::to_value(&schema).unwrap(), body);
}

#[test]
fn nulls_and_any_case_are_read() {
    let body = json!({
        "directories": null,
        "synchronizationRules": [{"id": "r", "metadata": null, "objectMappings": [{
            "enabled": null, "scope": null, "flowTypes": null,
            "attributeMappings": [{"flowType": "objectaddonly", "flowBehavior": null, "source": null,
                "targetAttributeName": "city", "matchingPriority": null}]
        }]}]
    });
    let schema: SynchronizationSchema = serde_json::from_value(body).unwrap();
    let json = serde_json::to_value(&schema).unwrap();
    let mapping = &json["synchronizationRules"][0]["objectMappings"][0];
    assert_eq!(mapping["attributeMappings"][0]["flowType"], "ObjectAddOnly");
    assert_eq!(
        mapping["attributeMappings"][0]["flowBehavior"],
        "FlowWhenChanged"
    );
    assert_eq!(mapping["flowTypes"], "Add,Update,Delete");
    assert_eq!(json["directories"], json!([]));
}

#[test]
fn the_matching_rule_can_not_be_changed() {
    let priority_2 = problems(|mapping| mapping.attribute_mappings[0].matching_priority = 2);
    assert!(
        priority_2.iter().all(|it| it.code == "schemaInvalid"),
        "{priority_2:?}"
    );
    let other_expression = problems(|mapping| {
        mapping.attribute_mappings[0].source = Some(Source::attribute("objectId"))
    });
    assert!(
        other_expression
            .iter()
            .any(|it| it.path.ends_with("attributeMappings[0]")),
        "{other_expression:?}"
    );
    let a_second = problems(|mapping| mapping.attribute_mappings[9].matching_priority = 2);
    assert_eq!(
        places(&a_second),
        [("attributeMappings[9]", "schemaInvalid")]
    );
    let gone = problems(|mapping| {
        mapping.attribute_mappings.remove(0);
    });
    assert_eq!(places(&gone), [("attributeMappings", "schemaInvalid")]);
}

#[test]
fn spaces_in_the_matching_expression_do_not_matter() {
    rule_with(|mapping| {
        mapping.attribute_mappings[0].source = Some(expression("AltSecIdFromNetId( [netId] )"))
    });
}

/// Whoever keeps rules in memory bounds them by this: a tenant may have many jobs.
#[test]
fn a_rule_tells_about_how_much_memory_it_takes() {
    let with = |text: &str| {
        let rule = rule_with(|mapping| {
            let mappings = &mut mapping.attribute_mappings;
            let place = mappings
                .iter_mut()
                .find(|it| it.target_attribute_name.as_deref() == Some("department"));
            place.unwrap().source = Some(expression(text));
        });
        rule.bytes
    };
    let usual = with("[department]");
    assert!((20_000..500_000).contains(&usual), "{usual}");
    let large = with(r#"Replace([department], , "[ab]*a[ab]{900}c", , "", , )"#);
    assert!(large > usual + 50_000, "{large} {usual}");
    let long = with(&format!(r#"Append([department], "{}")"#, "x".repeat(9_000)));
    assert!(long > usual + 100_000, "{long} {usual}");
}

#[test]
fn groups_that_were_stored_with_another_matching_attribute_are_no_reason_to_refuse_their_users() {
    let mut schema = default_schema();
    let groups = &mut schema.synchronization_rules[0].object_mappings[1];
    groups.attribute_mappings[2].matching_priority = 2;
    let rules = compile(&schema, Schema::core()).unwrap();
    let unfindable: Vec<&str> = rules
        .iter()
        .filter_map(|it| it.unfindable.as_deref())
        .collect();
    let found = compile_with(&schema, Schema::core(), &Limits::DEFAULT).unwrap_err();
    assert_eq!(
        places(&found),
        [(
            "synchronizationRules[0].objectMappings[1].attributeMappings[2]",
            "schemaInvalid"
        )]
    );
    // What refuses the one is what the groups of the other fail with.
    assert_eq!(unfindable, [found[0].to_string()]);
}

#[test]
fn all_problems_at_once() {
    let found = problems(|mapping| {
        mapping.flow_types = FlowTypes("Add, Remove".to_owned());
        mapping
            .attribute_mappings
            .push(extra_mapping("shoeSize", Some(Source::attribute("city"))));
        mapping.attribute_mappings.push(extra_mapping(
            "companyName",
            Some(Source::attribute("shoeSize")),
        ));
        mapping.attribute_mappings.push(extra_mapping(
            "mobile",
            Some(expression("Frobnicate([city])")),
        ));
        mapping.attribute_mappings.push(extra_mapping(
            "usageLocation",
            Some(expression("Append([city], ")),
        ));
        mapping
            .attribute_mappings
            .push(extra_mapping("city", Some(Source::attribute("state"))));
        mapping
            .attribute_mappings
            .push(extra_mapping("objectId", Some(Source::attribute("city"))));
    });
    let codes_of_first_mention: Vec<&str> = {
        let mut seen = Vec::new();
        for (path, code) in places(&found) {
            assert_eq!(code, "schemaInvalid", "{path}");
            if !seen.contains(&path) {
                seen.push(path);
            }
        }
        seen
    };
    let mut paths = codes_of_first_mention.clone();
    paths.sort_unstable();
    assert_eq!(
        paths,
        [
            "attributeMappings[23].targetAttributeName",
            "attributeMappings[24].source.expression",
            "attributeMappings[25].source.expression",
            "attributeMappings[26].source.expression",
            "attributeMappings[27].targetAttributeName",
            "attributeMappings[28].targetAttributeName",
            "flowTypes",
        ]
    );
}

#[test]
fn a_constant_must_fit_the_target() {
    let found = problems(|mapping| {
        let show = mapping
            .attribute_mappings
            .iter_mut()
            .find(|it| it.target_attribute_name.as_deref() == Some("showInAddressList"))
            .unwrap();
        show.source = Some(Source::constant("perhaps"));
    });
    assert_eq!(
        places(&found),
        [("attributeMappings[19].source.expression", "schemaInvalid")]
    );
    assert!(found[0].message.contains("perhaps"), "{}", found[0].message);
}

#[test]
fn references_go_to_references_only() {
    let found = problems(|mapping| {
        mapping
            .attribute_mappings
            .retain(|it| it.target_attribute_name.as_deref() != Some("manager"));
        mapping
            .attribute_mappings
            .push(extra_mapping("manager", Some(Source::attribute("city"))));
        mapping.attribute_mappings.push(extra_mapping(
            "companyName",
            Some(Source::attribute("manager")),
        ));
    });
    assert_eq!(
        places(&found),
        [
            ("attributeMappings[22].source.expression", "schemaInvalid"),
            ("attributeMappings[23].source.expression", "schemaInvalid"),
        ]
    );
}

#[test]
fn a_source_given_as_a_tree_is_enough() {
    let mut source = Source::function(
        "AltSecIdFromNetId",
        &[("source", Source::attribute("netId"))],
    );
    source.expression = None;
    source.parameters[0].value.as_mut().unwrap().expression = None;
    rule_with(|mapping| mapping.attribute_mappings[0].source = Some(source));
}

#[test]
fn helper_mappings_make_no_rule() {
    let mut schema = default_schema();
    schema.synchronization_rules[0]
        .object_mappings
        .push(ObjectMapping {
            source_object_name: Some(String::new()),
            target_object_name: Some("UserRole".to_owned()),
            ..ObjectMapping::default()
        });
    assert_eq!(compile(&schema, Schema::core()).unwrap().len(), 2);
    schema.synchronization_rules[0].object_mappings[2].enabled = true;
    assert_eq!(
        compile(&schema, Schema::core()).unwrap_err()[0].code,
        "notSupported"
    );
}

#[test]
fn container_filters_are_refused_unless_empty() {
    let mut schema = default_schema();
    schema.synchronization_rules[0].container_filter = Some(json!({"includedContainers": []}));
    compile(&schema, Schema::core()).unwrap();
    schema.synchronization_rules[0].container_filter =
        Some(json!({"includedContainers": ["OU=x"]}));
    assert_eq!(
        places(&compile(&schema, Schema::core()).unwrap_err()),
        [("synchronizationRules[0].containerFilter", "notSupported")]
    );
}

#[test]
fn several_values_do_not_go_where_one_belongs() {
    for text in [
        "[proxyAddresses]",
        r#"Split([mail], ",")"#,
        "RemoveDuplicates([otherMails])",
    ] {
        let found = crate::support::problems_of("city", |it| it.source = Some(expression(text)));
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].1.contains("`city` takes one value"), "{found:?}");
    }
    for text in [
        "Item([proxyAddresses], 1)",
        r#"Join(";", [otherMails])"#,
        "[telephoneNumber]",
        "SingleAppRoleAssignment([appRoleAssignments])",
    ] {
        let found = crate::support::problems_of("city", |it| it.source = Some(expression(text)));
        assert!(found.is_empty(), "{text}: {found:?}");
    }
}

/// Whom only the second one covers would be out of scope, and leave the target.
/// Owners are not synchronized, and members in their place would be none.
#[test]
fn references_that_nothing_follows_are_refused_where_a_schema_comes_in() {
    for (from, to) in [
        ("owners", "owners"),
        ("owners", "members"),
        ("members", "owners"),
    ] {
        let mut schema = default_schema();
        let groups = &mut schema.synchronization_rules[0].object_mappings[1];
        let mappings = &mut groups.attribute_mappings;
        mappings.retain(|it| it.target_attribute_name.as_deref() != Some("members"));
        let at = mappings.len();
        mappings.push(extra_mapping(to, Some(expression(&format!("[{from}]")))));
        compile(&schema, Schema::core()).expect("one that is stored goes on");
        let found = compile_with(&schema, Schema::core(), &Limits::DEFAULT).unwrap_err();
        let path = format!(
            "synchronizationRules[0].objectMappings[1].attributeMappings[{at}].source.expression"
        );
        assert_eq!(
            places(&found),
            [(path.as_str(), "schemaInvalid")],
            "{from} to {to}"
        );
    }
}

#[test]
fn a_second_mapping_of_a_kind_is_refused_where_a_schema_comes_in() {
    let mut schema = default_schema();
    let mappings = &mut schema.synchronization_rules[0].object_mappings;
    let mut second = mappings[0].clone();
    second.source_object_name = Some("user".to_owned());
    mappings.push(second);
    let incoming =
        |schema: &SynchronizationSchema| compile_with(schema, Schema::core(), &Limits::DEFAULT);
    let found = incoming(&schema).unwrap_err();
    let [only] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert!(
        only.path.ends_with("objectMappings[2].sourceObjectName"),
        "{only}"
    );
    assert!(
        only.message.contains("make a second configuration"),
        "{only}"
    );
    let stored = compile(&schema, Schema::core()).unwrap();
    assert_eq!(Rule::position(&stored, EntityKind::User), Some(0));

    // One that is switched off is kept for another day, before the other or behind it.
    schema.synchronization_rules[0].object_mappings[0].enabled = false;
    let rules = incoming(&schema).unwrap();
    assert_eq!(Rule::position(&rules, EntityKind::User), Some(2));
    schema.synchronization_rules[0].object_mappings[2].enabled = false;
    let rules = incoming(&schema).unwrap();
    assert_eq!(Rule::position(&rules, EntityKind::User), Some(0));
}

/// Everything there is too much of is told in one sentence, not in one for each.
#[test]
fn a_schema_without_measure_is_refused_before_it_is_compiled() {
    let incoming = |change: &dyn Fn(&mut Vec<ObjectMapping>)| {
        let mut schema = default_schema();
        change(&mut schema.synchronization_rules[0].object_mappings);
        compile_with(&schema, Schema::core(), &Limits::DEFAULT).unwrap_err()
    };
    for (change, message) in [
        (
            (&|mappings: &mut Vec<ObjectMapping>| {
                mappings[0].attribute_mappings = vec![AttributeMapping::default(); 5_000];
            }) as &dyn Fn(&mut Vec<ObjectMapping>),
            "at most 5000",
        ),
        (
            &|mappings: &mut Vec<ObjectMapping>| mappings.resize(101, ObjectMapping::default()),
            "there are 101 object mappings",
        ),
        (
            &|mappings: &mut Vec<ObjectMapping>| {
                let mapping = AttributeMapping {
                    source: Some(Source {
                        expression: Some(format!("\"{}\"", "x".repeat(9_000))),
                        ..Source::default()
                    }),
                    ..AttributeMapping::default()
                };
                mappings[0].attribute_mappings = vec![mapping; 200];
            },
            "1010000 bytes",
        ),
    ] {
        let found = incoming(change);
        let [only] = found.as_slice() else {
            panic!("{found:?}");
        };
        assert!(only.message.contains(message), "{only}");
    }
}

#[test]
fn of_very_many_problems_the_first_hundred_are_told() {
    let found = problems(|mapping| {
        mapping.attribute_mappings = vec![AttributeMapping::default(); 1_000];
    });
    assert_eq!(found.len(), 101);
    let last = found.last().unwrap().to_string();
    // None of them has a target attribute, and no other one matches.
    assert!(last.contains("and 901 more"), "{last}");
}

/// Read, an empty object takes hundreds of bytes.
#[test]
fn a_body_of_very_many_objects_is_not_read() {
    let body = serde_json::json!({ "synchronizationRules": vec![serde_json::json!({}); 200_001] });
    let problem = received(body).unwrap_err();
    assert!(
        problem.message.contains("at most 200000 objects"),
        "{problem}"
    );
}
