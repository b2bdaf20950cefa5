//! Start, pause, restart, delete.

use serde_json::json;
use syncline_model::job::CycleKind;

use super::*;
use crate::walkthrough::callers::everything;
use crate::walkthrough::setup::{configure, employee, synchronized, trust};
use crate::world::World;

#[test]
fn states_follow_start_and_pause() {
    let world = World::new();
    trust(&world);
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    let url = configuration.job_url("");
    let state = || {
        let job = admin.get(&url).ok();
        (
            job["schedule"]["state"].as_str().unwrap().to_owned(),
            job["status"]["code"].as_str().unwrap().to_owned(),
        )
    };
    let post = |action: &str| {
        admin
            .send("POST", &configuration.job_url(action), Vec::new())
            .no_content()
    };
    let is = |state: &str, code: &str| (state.to_owned(), code.to_owned());

    assert_eq!(state(), is("Disabled", "Paused"));
    // Nothing to pause yet.
    post("/pause");
    assert_eq!(state(), is("Disabled", "Paused"));
    assert!(world.api.runner.due(10).unwrap().scheduled.is_empty());

    post("/start");
    assert_eq!(state(), is("Active", "NotRun"));
    assert_eq!(world.api.runner.due(10).unwrap().scheduled.len(), 1);
    configuration.cycle(&world);
    assert_eq!(state(), is("Active", "Active"));

    post("/pause");
    post("/pause");
    assert_eq!(state(), is("Paused", "Paused"));
    world.clock.advance_seconds(48 * 3600);
    assert!(world.api.runner.due(10).unwrap().scheduled.is_empty());

    let admin = everything(&world, "contoso");
    admin
        .send("POST", &configuration.job_url("/start"), Vec::new())
        .no_content();
    assert_eq!(world.api.runner.due(10).unwrap().scheduled.len(), 1);
}

#[test]
fn every_reset_scope_is_understood_and_others_are_named() {
    let world = World::new();
    trust(&world);
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    let url = configuration.job_url("/restart");
    for scope in [
        "None",
        "ConnectorDataStore",
        "Escrows",
        "Watermark",
        "QuarantineState",
        "Full",
        "ForceDeletes",
        "Watermark, Escrows, QuarantineState",
        "watermark,escrows",
        "",
    ] {
        admin
            .post(&url, json!({"criteria": {"resetScope": scope}}))
            .no_content();
    }
    for body in [
        json!({}),
        json!({"criteria": null}),
        json!({"criteria": {}}),
        json!({"Criteria": {"ResetScope": "Full"}}),
        json!({"resetScope": "Full"}),
    ] {
        admin.post(&url, body).no_content();
    }
    admin.send("POST", &url, Vec::new()).no_content();
    for body in [
        json!({"criteria": {"resetScope": "Everything"}}),
        json!({"criteria": {"resetScope": "Watermark, Everything"}}),
        json!({"criteria": {"resetScope": 15}}),
        json!({"criteria": "Full"}),
        json!({"nonsense": 1}),
        json!({"criteria": {"nonsense": 1}}),
        json!({"resetScope": "Everything"}),
        json!({"resetScope": "Full", "nonsense": 1}),
        json!({"criteria": {}, "resetScope": "Full"}),
    ] {
        admin.post(&url, body).problem(400, "Request_BadRequest");
    }
    let error = admin
        .post(
            &url,
            json!({"criteria": {"resetScope": "Watermark, Everything"}}),
        )
        .problem(400, "Request_BadRequest");
    assert!(
        error["message"].as_str().unwrap().contains("'Everything'"),
        "{error}"
    );
}

#[test]
fn a_restart_of_the_watermark_reads_everything_again() {
    let world = World::new();
    trust(&world);
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    let ada = employee(&world, "ada", "Marketing");
    configuration.assign(&world, &ada);
    configuration.start(&world);
    assert_eq!(configuration.cycle(&world).kind, CycleKind::Initial);
    assert_eq!(configuration.cycle(&world).kind, CycleKind::Incremental);
    let restart = |scope: &str| {
        let body = json!({"criteria": {"resetScope": scope}});
        admin
            .post(&configuration.job_url("/restart"), body)
            .no_content();
        configuration.cycle(&world)
    };
    assert_eq!(restart("QuarantineState").kind, CycleKind::Incremental);
    assert_eq!(restart("Watermark").kind, CycleKind::Initial);
    let full = restart("Full");
    // Everybody is matched anew: nobody comes twice.
    assert_eq!((full.kind, full.counts.created), (CycleKind::Initial, 0));
    assert_eq!(synchronized(&world, "fabrikam").len(), 1);
}

#[test]
fn a_deleted_job_is_gone_and_those_it_brought_stay() {
    let world = World::new();
    trust(&world);
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    let ada = employee(&world, "ada", "Marketing");
    configuration.assign(&world, &ada);
    configuration.start(&world);
    configuration.cycle(&world);

    admin.delete(&configuration.job_url("")).no_content();
    for tail in ["", "/schema"] {
        admin
            .get(&configuration.job_url(tail))
            .problem(404, "Request_ResourceNotFound");
    }
    admin
        .send("POST", &configuration.job_url("/start"), Vec::new())
        .problem(404, "Request_ResourceNotFound");
    admin
        .delete(&configuration.job_url(""))
        .problem(404, "Request_ResourceNotFound");
    assert!(world.api.runner.due(10).unwrap().scheduled.is_empty());
    assert_eq!(synchronized(&world, "fabrikam").len(), 1);

    // The log still says whose events they were.
    let filter = format!(
        "servicePrincipal/id eq '{}' and provisioningAction eq 'create'",
        configuration.service_principal
    );
    let events = admin.all(&format!("/v1.0/auditLogs/provisioning?$filter={filter}"));
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["tenantId"], world.tenants.fabrikam.id.to_string());
    assert_eq!(events[0]["jobId"], configuration.job);

    // A new one begins anew, and adopts who is there.
    admin
        .post(&configuration.url("/jobs"), json!({"templateId": TEMPLATE}))
        .created();
    configuration.start(&world);
    let report = configuration.cycle(&world);
    assert_eq!(
        (report.kind, report.counts.created),
        (CycleKind::Initial, 0)
    );
}

#[test]
fn a_started_job_of_a_target_that_never_allowed_it_writes_nothing() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    let ada = employee(&world, "ada", "Marketing");
    configuration.assign(&world, &ada);
    configuration.synchronize_all(&world);
    for action in ["/start", "/restart"] {
        admin
            .send("POST", &configuration.job_url(action), Vec::new())
            .no_content();
        configuration.cycle(&world);
        let status = &admin.get(&configuration.job_url("")).ok()["status"];
        assert_eq!(status["code"], "Quarantine", "{status:#}");
        assert_eq!(status["lastExecution"]["state"], "Failed");
        let code = "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure";
        assert_eq!(status["lastExecution"]["error"]["code"], code);
        assert_eq!(
            status["quarantine"]["error"],
            status["lastExecution"]["error"]
        );
        assert_eq!(
            status["quarantine"]["reason"],
            "EncounteredQuarantineException"
        );
    }
    admin
        .post(
            &configuration.job_url("/provisionOnDemand"),
            configuration.on_demand(&ada),
        )
        .problem(400, "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure");
    assert!(synchronized(&world, "fabrikam").is_empty());
}
