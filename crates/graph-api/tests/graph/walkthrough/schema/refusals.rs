//! Schemas that could not work: each is refused with the path of what is wrong.

use serde_json::{Value as Json, json};

use super::*;
use crate::world::World;

#[test]
fn the_matching_attribute_can_not_be_changed() {
    let world = World::new();
    let job = Job::new(&world);
    let object = "synchronizationRules[0].objectMappings[0].attributeMappings";

    let mut schema = job.schema();
    let anchor = path_of(&mut schema, "alternativeSecurityIds");
    mapping(&mut schema, "alternativeSecurityIds")["matchingPriority"] = 0.into();
    job.refuses(&schema, "schemaInvalid", &anchor, "matched by");

    let mut schema = job.schema();
    mapping(&mut schema, "alternativeSecurityIds")["source"] =
        json!({"expression": "[mail]", "name": "mail", "type": "Attribute", "parameters": []});
    job.refuses(&schema, "schemaInvalid", &anchor, "matched by");

    let mut schema = job.schema();
    let mail = path_of(&mut schema, "mail");
    mapping(&mut schema, "mail")["matchingPriority"] = 2.into();
    job.refuses(&schema, "schemaInvalid", &mail, "matched by");

    let mut schema = job.schema();
    users(&mut schema)["attributeMappings"]
        .as_array_mut()
        .unwrap()
        .retain(|it| it["matchingPriority"] == 0);
    job.refuses(&schema, "schemaInvalid", object, "is missing");
}

/// The mappings of groups.
fn of_groups(schema: &mut Json) -> &mut Vec<Json> {
    schema["synchronizationRules"][0]["objectMappings"][1]["attributeMappings"]
        .as_array_mut()
        .unwrap()
}

/// Where the mapping of groups that fills `target` stands, and the mapping.
fn of_group<'s>(schema: &'s mut Json, target: &str) -> (String, &'s mut Json) {
    let mappings = of_groups(schema).iter_mut().enumerate();
    let mut mappings = mappings.filter(|(_, it)| it["targetAttributeName"] == target);
    let (at, mapping) = mappings.next().unwrap();
    (format!("{GROUPS}[{at}]"), mapping)
}

const GROUPS: &str = "synchronizationRules[0].objectMappings[1].attributeMappings";

/// A target can be asked for nothing else: saved, such a mapping failed every cycle, users included.
#[test]
fn groups_are_matched_by_their_anchor_alone() {
    let world = World::new();
    let job = Job::new(&world);
    for on in [true, false] {
        let switched = || {
            let mut schema = job.schema();
            schema["synchronizationRules"][0]["objectMappings"][1]["enabled"] = on.into();
            schema
        };
        for (anchor, name) in [(0, 1), (1, 2), (2, 1)] {
            let mut schema = switched();
            of_group(&mut schema, "alternativeSecurityIds").1["matchingPriority"] = anchor.into();
            let (path, mapping) = of_group(&mut schema, "displayName");
            mapping["matchingPriority"] = name.into();
            job.refuses(&schema, "schemaInvalid", &path, "groups of another tenant");
        }
        let mut schema = switched();
        let (path, mapping) = of_group(&mut schema, "alternativeSecurityIds");
        mapping["matchingPriority"] = 0.into();
        job.refuses(&schema, "schemaInvalid", &path, "matched by");
        job.refuses(&schema, "schemaInvalid", GROUPS, "is missing");
        let mut schema = switched();
        of_groups(&mut schema).retain(|it| it["matchingPriority"] == 0);
        job.refuses(&schema, "schemaInvalid", GROUPS, "is missing");
    }
    // What it is made of may be something else.
    let mut schema = job.schema();
    of_group(&mut schema, "alternativeSecurityIds").1["source"] = json!({"expression": "[description]", "name": "description", "type": "Attribute", "parameters": []});
    job.put(&schema).no_content();
}

#[test]
fn groups_have_no_unique_values() {
    let world = World::new();
    let job = Job::new(&world);
    let mut schema = job.schema();
    let (path, mapping) = of_group(&mut schema, "mailNickname");
    mapping["flowType"] = "ObjectAddOnly".into();
    mapping["source"] = json!({
        "expression": "SelectUniqueValue([mailNickname], Append([mailNickname], \"2\"))",
        "name": null,
        "type": "Function",
        "parameters": [],
    });
    let path = format!("{path}.source.expression");
    job.refuses(&schema, "notSupported", &path, "cannot be asked");
}

#[test]
fn mappings_that_can_not_work_are_refused() {
    let world = World::new();
    let job = Job::new(&world);
    let source = |expression: &str| json!({"expression": expression, "name": null, "type": "Function", "parameters": []});
    for (target, member, value, tail, message) in [
        (
            "department",
            "targetAttributeName",
            json!("shoeSize"),
            ".targetAttributeName",
            "`shoeSize`",
        ),
        (
            "department",
            "targetAttributeName",
            json!("extensionAttribute1"),
            ".targetAttributeName",
            "use a directory extension",
        ),
        (
            "department",
            "source",
            source("[extensionAttribute1]"),
            ".source.expression",
            "use a directory extension",
        ),
        (
            "department",
            "targetAttributeName",
            json!("objectId"),
            ".targetAttributeName",
            "cannot be mapped",
        ),
        (
            "department",
            "source",
            source("[shoeSize]"),
            ".source.expression",
            "shoeSize",
        ),
        (
            "department",
            "source",
            source("Append([department]"),
            ".source.expression",
            "",
        ),
        (
            "department",
            "source",
            source("Frobnicate([department])"),
            ".source.expression",
            "Frobnicate",
        ),
        (
            "department",
            "source",
            json!({"expression": "[city]", "type": "Riddle"}),
            ".source.type",
            "`Riddle`",
        ),
        (
            "department",
            "flowType",
            json!("Sometimes"),
            ".flowType",
            "`Sometimes`",
        ),
        (
            "department",
            "flowBehavior",
            json!("Upwards"),
            ".flowBehavior",
            "`Upwards`",
        ),
        (
            "accountEnabled",
            "source",
            json!({"expression": "\"maybe\"", "name": "maybe", "type": "Constant"}),
            ".source.expression",
            "",
        ),
    ] {
        let mut schema = job.schema();
        let path = path_of(&mut schema, target);
        mapping(&mut schema, target)[member] = value;
        job.refuses(&schema, "schemaInvalid", &format!("{path}{tail}"), message);
    }
    let mut schema = job.schema();
    users(&mut schema)["flowTypes"] = "Add,Rename".into();
    let path = "synchronizationRules[0].objectMappings[0].flowTypes";
    job.refuses(&schema, "schemaInvalid", path, "`Rename`");
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let world = World::new();
    let job = Job::new(&world);
    let mut schema = job.schema();
    users(&mut schema)["scope"] = filter("REGEX MATCH", "department", json!(["("]));
    mapping(&mut schema, "city")["targetAttributeName"] = "shoeSize".into();
    mapping(&mut schema, "state")["flowType"] = "Sometimes".into();
    let error = job.put(&schema).problem(400, "schemaInvalid");
    assert_eq!(error["details"].as_array().unwrap().len(), 3, "{error:#}");
}

#[test]
fn rules_are_the_jobs_own() {
    let world = World::new();
    let job = Job::new(&world);
    let path = "synchronizationRules";
    let mut schema = job.schema();
    schema["synchronizationRules"][0]["id"] = "01234567-89ab-4def-8123-456789abcdef".into();
    job.refuses(&schema, "schemaInvalid", path, &job.configuration.rule);
    let mut schema = job.schema();
    schema["synchronizationRules"] = json!([]);
    job.refuses(&schema, "schemaInvalid", path, &job.configuration.rule);
    let mut schema = job.schema();
    let rule = schema["synchronizationRules"][0].clone();
    schema["synchronizationRules"]
        .as_array_mut()
        .unwrap()
        .push(rule);
    job.refuses(&schema, "schemaInvalid", path, &job.configuration.rule);
    job.refuses(&json!({}), "schemaInvalid", path, &job.configuration.rule);
}

#[test]
fn bodies_that_are_no_schema_are_refused() {
    let world = World::new();
    let job = Job::new(&world);
    let url = job.configuration.job_url("/schema");
    let before = job.schema();
    for bytes in ["", "{", "[]", "7"] {
        job.client
            .send("PUT", &url, bytes.into())
            .problem(400, "BadRequest");
    }
    job.put(&json!({"synchronizationRules": "none"}))
        .problem(400, "schemaInvalid");
    job.put(&json!({"synchronizationRules": [{"objectMappings": [7]}]}))
        .problem(400, "schemaInvalid");
    let body = json!({"@odata.type": "#microsoft.graph.user", "synchronizationRules": []});
    job.put(&body).problem(400, "BadRequest");
    assert_eq!(job.schema(), before);
}
