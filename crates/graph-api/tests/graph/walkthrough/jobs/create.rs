//! Jobs are made from a template, once.

use serde_json::json;

use super::*;
use crate::walkthrough::callers::everything;
use crate::walkthrough::setup::{configure, instantiate};
use crate::world::{World, each};

#[test]
fn a_second_job_of_the_template_is_a_conflict() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    admin
        .post(&configuration.url("/jobs"), json!({"templateId": TEMPLATE}))
        .problem(409, "Conflict");
    assert_eq!(
        each(&admin.get(&configuration.url("/jobs")).ok(), "id"),
        [configuration.job]
    );
}

#[test]
fn a_template_must_be_named_and_known() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let configuration = instantiate(&admin, "contoso");
    for body in [
        json!({}),
        json!({"templateId": null}),
        json!({"templateId": ""}),
        json!({"templateId": "Slack"}),
        json!({"templateId": 7}),
        json!({"templateId": TEMPLATE, "nonsense": 1}),
    ] {
        admin
            .post(&configuration.url("/jobs"), body)
            .problem(400, "Request_BadRequest");
    }
    admin
        .send("POST", &configuration.url("/jobs"), b"[]".to_vec())
        .problem(400, "BadRequest");
    assert_eq!(admin.get(&configuration.url("/jobs/$count")).text(), "0");
}

#[test]
fn the_type_may_be_named_and_must_not_contradict() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let configuration = instantiate(&admin, "contoso");
    let body = |kind: &str| json!({"@odata.type": format!("#microsoft.graph.{kind}"), "templateId": TEMPLATE});
    admin
        .post(&configuration.url("/jobs"), body("user"))
        .problem(400, "BadRequest");
    admin
        .post(&configuration.url("/jobs"), body("synchronizationJob"))
        .created();
}
