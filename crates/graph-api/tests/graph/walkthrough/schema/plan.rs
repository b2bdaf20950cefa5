//! What a schema would do, asked before it is saved.

use serde_json::json;

use super::*;
use crate::walkthrough::setup::synchronized;
use crate::world::World;

fn staffed(world: &World) -> Job<'_> {
    let job = Job::new(world);
    for (name, department) in [("ada", "Marketing"), ("bea", "Sales")] {
        let mut body = crate::world::person(name);
        body["department"] = department.into();
        job.client.post("/v1.0/users", body).created();
    }
    job.configuration.synchronize_all(world);
    job.configuration.start(world);
    job.configuration.cycle(world);
    job
}

#[test]
fn a_schema_is_planned_and_nothing_is_saved() {
    let world = World::new();
    let job = staffed(&world);
    let before = job.schema();
    let mut schema = before.clone();
    users(&mut schema)["scope"] = filter("EQUALS", "department", json!(["Sales"]));
    let url = job.configuration.job_url("/plan");
    let plan = job
        .client
        .post(&url, json!({ "schema": schema, "show": 5 }))
        .ok();
    assert_eq!(
        (&plan["affected"], &plan["objects"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(plan["counts"]["deleted"], 1);
    assert_eq!(plan["shown"][0]["action"], "delete");
    assert_eq!(job.schema(), before);
    assert_eq!(synchronized(&world, "fabrikam").len(), 2);

    let plan = job.client.post(&url, json!({})).ok();
    assert_eq!(
        (&plan["reach"], &plan["evaluated"]),
        (&json!("nobody"), &json!(0))
    );
    // Nothing changes when what is saved is saved once more.
    let same = job.client.post(&url, json!({ "schema": before })).ok();
    assert_eq!(same["proposed"], false);
    assert_eq!(same["evaluated"], 0);
}

#[test]
fn what_can_not_be_saved_can_not_be_planned() {
    let world = World::new();
    let job = staffed(&world);
    let mut schema = job.schema();
    mapping(&mut schema, "city")["source"] = json!({ "expression": "ToUpper([cty])" });
    let url = job.configuration.job_url("/plan");
    let refused = job.client.post(&url, json!({ "schema": schema }));
    let error = refused.problem(400, "schemaInvalid");
    assert!(text(&error, "message").contains("cty"), "{error:#}");
    job.client
        .post(&url, json!({ "show": "many" }))
        .problem(400, "Request_BadRequest");
}

#[test]
fn a_plan_nobody_waits_for_is_broken_off() {
    let world = World::new();
    let job = staffed(&world);
    let mut schema = job.schema();
    users(&mut schema)["scope"] = filter("EQUALS", "department", json!(["Sales"]));
    let body = json!({ "schema": schema });
    let url = job.configuration.job_url("/plan");
    let gone = job.client.gone();
    let refused = gone.post(&url, body.clone());
    let error = refused.problem(503, "ServiceUnavailable");
    assert!(text(&error, "message").contains("broken off"), "{error:#}");
    // Also as one of several, and it is no reason to refuse whoever asks next.
    let item = json!({
        "id": "1", "method": "POST", "url": url.trim_start_matches("/v1.0"), "body": body,
        "headers": { "content-type": "application/json" },
    });
    let answers = gone
        .post("/v1.0/$batch", json!({ "requests": [item] }))
        .ok();
    assert_eq!(answers["responses"][0]["status"], 503, "{answers:#}");
    job.client.post(&url, body).ok();
}
