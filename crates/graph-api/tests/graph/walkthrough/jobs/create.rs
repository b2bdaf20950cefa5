//! Jobs are made from a template, once.

use serde_json::json;

use super::*;
use crate::walkthrough::callers::everything;
use crate::walkthrough::setup::{configure, instantiate};
use crate::world::{World, each, id};

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

#[test]
fn an_interval_and_settings_may_be_given_at_once() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let configuration = instantiate(&admin, "contoso");
    let url = configuration.url("/jobs");
    for schedule in [
        json!({"interval": "PT1M"}),
        json!({"state": "Active"}),
        json!({"expiration": "2030-01-01T00:00:00Z"}),
    ] {
        admin
            .post(&url, json!({"templateId": TEMPLATE, "schedule": schedule}))
            .problem(400, "Request_BadRequest");
    }
    let settings: Vec<_> = (0..101)
        .map(|number| json!({"name": format!("s{number}"), "value": "x"}))
        .collect();
    for body in [
        json!({"templateId": TEMPLATE, "synchronizationJobSettings": settings}),
        json!({"templateId": TEMPLATE, "id": "Azure2Azure.1.2"}),
    ] {
        admin.post(&url, body).problem(400, "Request_BadRequest");
    }
    assert_eq!(admin.get(&configuration.url("/jobs/$count")).text(), "0");
    let body = json!({
        "templateId": TEMPLATE,
        "schedule": {"interval": "PT10M", "state": "Disabled", "expiration": null},
        "synchronizationJobSettings": [{"name": "LookaheadQueryEnabled", "value": "True"}, {"name": "x", "value": "y"}],
    });
    let made = admin.post(&url, body).created();
    let job = admin
        .get(&configuration.url(&format!("/jobs/{}", id(&made))))
        .ok();
    for job in [made, job] {
        assert_eq!(
            job["schedule"],
            json!({"expiration": null, "interval": "PT10M", "state": "Disabled"})
        );
        assert_eq!(
            job["synchronizationJobSettings"],
            json!([
                {"name": "AzureIngestionAttributeOptimization", "value": "False"},
                {"name": "LookaheadQueryEnabled", "value": "True"},
                {"name": "x", "value": "y"},
            ])
        );
    }
}
