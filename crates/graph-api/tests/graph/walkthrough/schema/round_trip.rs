//! A schema read and written back.

use serde_json::{Value as Json, json};

use super::*;
use crate::world::{World, text};

#[test]
fn it_is_the_jobs_and_has_the_published_shape() {
    let world = World::new();
    let job = Job::new(&world);
    let schema = job.schema();
    let (principal, id) = (&job.configuration.service_principal, &job.configuration.job);
    assert!(text(&schema, "@odata.context").ends_with(&format!(
        "#servicePrincipals('{principal}')/synchronization/jobs('{id}')/schema/$entity"
    )));
    assert_eq!(
        (text(&schema, "id"), text(&schema, "version")),
        (id.clone(), "v1.2".to_owned())
    );
    let rule = &schema["synchronizationRules"][0];
    for (name, value) in [
        ("name", json!("USER_INBOUND_USER")),
        ("priority", json!(1)),
        ("editable", json!(true)),
        ("containerFilter", Json::Null),
        ("groupFilter", Json::Null),
        ("sourceDirectoryName", json!("Azure Active Directory")),
        (
            "targetDirectoryName",
            json!("Azure Active Directory (target tenant)"),
        ),
    ] {
        assert_eq!(rule.get(name), Some(&value), "{name}");
    }
    let names: Vec<&str> = schema["directories"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "Azure Active Directory",
            "Azure Active Directory (target tenant)"
        ]
    );
}

#[test]
fn what_was_read_can_be_written_back_unchanged() {
    let world = World::new();
    let job = Job::new(&world);
    let before = job.schema();
    job.put(&before).no_content();
    let after = job.schema();
    assert_ne!(
        after["version"], before["version"],
        "each write has a version of its own"
    );
    assert_eq!(without(after, &["version"]), without(before, &["version"]));
}

/// A schema of full size with every member there is, and some that there are not yet; in a filter, those
/// would be refused.
#[test]
fn a_full_size_schema_is_imported_and_exported_unchanged() {
    let world = World::new();
    let job = Job::new(&world);
    let sample = include_str!("../../../../../engine/tests/engine/samples/full-schema.json");
    let mut schema: Json = serde_json::from_str(sample).unwrap();
    schema["id"] = job.configuration.job.clone().into();
    schema["synchronizationRules"][0]["id"] = job.configuration.rule.clone().into();
    job.put(&schema).no_content();
    let exported = without(job.schema(), &["version", "@odata.context"]);
    assert_eq!(exported, without(schema, &["version"]));
    // Exported, imported and exported again.
    job.put(&job.schema()).no_content();
    assert_eq!(
        without(job.schema(), &["version", "@odata.context"]),
        exported
    );
}

#[test]
fn patch_replaces_like_put() {
    let world = World::new();
    let job = Job::new(&world);
    let mut schema = job.schema();
    users(&mut schema)["scope"] = filter("EQUALS", "department", json!(["Sales"]));
    let url = job.configuration.job_url("/schema");
    job.client.patch(&url, schema.clone()).no_content();
    assert_eq!(
        users(&mut job.schema())["scope"],
        users(&mut schema)["scope"]
    );
    users(&mut schema)["scope"] = Json::Null;
    job.client.patch(&url, schema).no_content();
    assert_eq!(users(&mut job.schema())["scope"], Json::Null);
}

/// The Python SDK leaves out what is null, the read-only discoverabilities, and enumerations that
/// it reads as several flags.
#[test]
fn what_the_python_client_leaves_out_means_the_default() {
    fn without_nulls(json: &Json) -> Json {
        match json {
            Json::Object(members) => members
                .iter()
                .filter(|(name, value)| {
                    !value.is_null()
                        && !["flowTypes", "discoverabilities", "@odata.context"]
                            .contains(&name.as_str())
                })
                .map(|(name, value)| (name.clone(), without_nulls(value)))
                .collect(),
            Json::Array(items) => items.iter().map(without_nulls).collect(),
            other => other.clone(),
        }
    }
    let world = World::new();
    let job = Job::new(&world);
    let before = job.schema();
    job.client
        .patch(
            &job.configuration.job_url("/schema"),
            without_nulls(&before),
        )
        .no_content();
    let mut after = job.schema();
    assert_eq!(users(&mut after)["flowTypes"], "Add,Update,Delete");
    assert_eq!(users(&mut after).get("scope"), Some(&Json::Null));
    assert_eq!(
        mapping(&mut after, "department").get("defaultValue"),
        Some(&Json::Null)
    );
    assert_eq!(after["directories"][0]["discoverabilities"], "None");
    assert_eq!(without(after, &["version"]), without(before, &["version"]));
}

#[test]
fn annotations_at_any_depth_are_not_stored() {
    fn annotated(json: &Json) -> Json {
        match json {
            Json::Object(members) => {
                let mut members: serde_json::Map<String, Json> = members
                    .iter()
                    .map(|(name, value)| (name.clone(), annotated(value)))
                    .collect();
                members.insert("@odata.type".to_owned(), "#microsoft.graph.whatever".into());
                members.insert("name@odata.type".to_owned(), "#String".into());
                Json::Object(members)
            }
            Json::Array(items) => items.iter().map(annotated).collect(),
            other => other.clone(),
        }
    }
    let world = World::new();
    let job = Job::new(&world);
    let before = job.schema();
    let mut body = annotated(&before);
    body["@odata.type"] = "#microsoft.graph.synchronizationSchema".into();
    job.put(&body).no_content();
    let after = job.schema();
    assert!(!after.to_string().contains("odata.type"));
    assert_eq!(without(after, &["version"]), without(before, &["version"]));
}

#[test]
fn pascal_case_is_understood() {
    fn pascal(json: &Json) -> Json {
        match json {
            Json::Object(members) => members
                .iter()
                .map(|(name, value)| (name[..1].to_ascii_uppercase() + &name[1..], pascal(value)))
                .collect(),
            Json::Array(items) => items.iter().map(pascal).collect(),
            other => other.clone(),
        }
    }
    let world = World::new();
    let job = Job::new(&world);
    let before = job.schema();
    job.put(&pascal(&before)).no_content();
    assert_eq!(
        without(job.schema(), &["version"]),
        without(before, &["version"])
    );
}

#[test]
fn delete_goes_back_to_the_default_and_keeps_the_rules_id() {
    let world = World::new();
    let job = Job::new(&world);
    let default = job.schema();
    let mut schema = job.schema();
    users(&mut schema)["scope"] = filter("EQUALS", "department", json!(["Sales"]));
    users(&mut schema)["enabled"] = false.into();
    job.put(&schema).no_content();
    job.client
        .delete(&job.configuration.job_url("/schema"))
        .no_content();
    let mut after = job.schema();
    assert_ne!(after["version"], default["version"]);
    after["version"] = default["version"].clone();
    assert!(after == default, "{after:#}");
}

#[test]
fn the_templates_schema_is_the_default_of_new_jobs() {
    let world = World::new();
    let job = Job::new(&world);
    let template = job
        .client
        .get(&job.configuration.url("/templates/Azure2Azure/schema"))
        .ok();
    assert_eq!(
        text(&template, "id"),
        format!("Azure2Azure.{}", "0".repeat(32))
    );
    assert_eq!(
        template["synchronizationRules"][0]["objectMappings"],
        job.schema()["synchronizationRules"][0]["objectMappings"]
    );
    let shown = job
        .client
        .get(&job.configuration.url("/templates/Azure2Azure"))
        .ok();
    assert_eq!(
        (text(&shown, "id"), text(&shown, "factoryTag")),
        ("Azure2Azure".to_owned(), "Azure2Azure".to_owned())
    );
    job.client
        .get(&job.configuration.url("/templates/Slack/schema"))
        .problem(404, "Request_ResourceNotFound");
}

/// An earlier build took more.
#[test]
fn a_schema_that_is_stored_already_is_taken_back_as_it_is() {
    let world = World::new();
    let job = Job::new(&world);
    let mut schema = job.schema();
    mapping(&mut schema, "mail")["source"] =
        json!({"expression": "ToLower([gone])", "type": "Function"});
    job.put(&schema).problem(400, "schemaInvalid");

    let id = &job.configuration.job;
    let stored = syncline_engine::schema::received(schema).unwrap();
    let written = world.store.write(|tx| {
        let mut jobs = tx.all_jobs()?.into_iter();
        let job = jobs.find(|it| it.id.as_str() == id).unwrap();
        syncline_runner::StoredSchema::store(tx, &job, stored)
    });
    written.unwrap();
    let mut schema = job.schema();
    job.put(&schema).no_content();
    schema["version"] = "of last week".into();
    job.put(&schema).no_content();
    users(&mut schema)["name"] = "Another".into();
    job.put(&schema).problem(400, "schemaInvalid");
}

#[test]
fn who_saves_with_an_entity_tag_does_not_undo_what_another_one_saved() {
    let world = World::new();
    let job = Job::new(&world);
    let url = job.configuration.job_url("/schema");
    let tag = || job.client.get(&url).header("etag").to_owned();
    let with = |tag: &str| everything(&world, "contoso").header("if-match", tag);
    let (mut first, second) = (job.schema(), job.schema());
    let old = tag();
    users(&mut first)["enabled"] = false.into();
    with(&old).put(&url, first).no_content();
    let new = tag();
    assert_ne!(new, old);
    for send in ["PUT", "PATCH", "DELETE"] {
        let body = second.to_string().into_bytes();
        let answer = with(&old).send(send, &url, body);
        let problem = answer.problem(412, "PreconditionFailed");
        assert!(
            text(&problem, "message").contains("Read it again"),
            "{send}"
        );
    }
    assert_eq!(users(&mut job.schema())["enabled"], false);
    assert_eq!(tag(), new, "nothing was saved");
    let requests = json!([{"id": "1", "method": "GET", "url": url.trim_start_matches("/v1.0")}]);
    let batch = json!({"requests": requests});
    let batch = job.client.post("/v1.0/$batch", batch).ok();
    assert_eq!(batch["responses"][0]["headers"]["ETag"], new.as_str());

    let tags = format!("\"of another\", W/{new}");
    with(&tags).put(&url, job.schema()).no_content();
    with("*").put(&url, job.schema()).no_content();
    let saved = job.schema();
    with(&tag()).send("DELETE", &url, Vec::new()).no_content();
    assert_ne!(job.schema()["version"], saved["version"]);
    // Without a tag the last one wins, as before.
    job.put(&second).no_content();
}

#[test]
fn what_was_replaced_can_be_read_again() {
    let world = World::new();
    let job = Job::new(&world);
    let url = job.configuration.job_url("/schema/previous");
    assert_eq!(job.client.get(&url).ok()["value"], json!([]));
    let first = job.schema();
    let mut other = first.clone();
    users(&mut other)["scope"] = filter("EQUALS", "department", json!(["Sales"]));
    job.put(&other).no_content();

    let listed = job.client.get(&url).ok();
    let items = listed["value"].as_array().unwrap();
    assert_eq!((items.len(), &items[0]["id"]), (1, &json!("1")));
    assert!(items[0]["replacedDateTime"].is_string(), "{listed}");
    let before = job.client.get(&format!("{url}/1")).ok();
    assert_eq!(
        before["synchronizationRules"],
        first["synchronizationRules"]
    );
    for none in ["0", "2", "first"] {
        job.client
            .get(&format!("{url}/{none}"))
            .problem(404, "Request_ResourceNotFound");
    }

    // Back to the first one, as it was answered.
    job.put(&before).no_content();
    assert_eq!(
        job.schema()["synchronizationRules"],
        first["synchronizationRules"]
    );
}
