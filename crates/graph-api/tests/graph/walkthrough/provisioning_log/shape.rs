//! What an event says.

use super::*;
use crate::world::{World, text};

#[test]
fn beta_shows_the_older_names_beside_the_new_ones() {
    let world = World::new();
    let log = Log::new(&world);
    for event in log.client.all("/beta/auditLogs/provisioning") {
        let action = text(&event, "provisioningAction");
        assert_eq!(text(&event, "action").to_lowercase(), action.to_lowercase());
        assert_eq!(
            event["statusInfo"]["@odata.type"],
            "#microsoft.graph.statusDetails"
        );
        assert_eq!(
            event["statusInfo"]["status"],
            event["provisioningStatusInfo"]["status"]
        );
        let code = event["provisioningStatusInfo"]["errorInformation"]["errorCode"].clone();
        assert_eq!(event["statusInfo"]["errorCode"], code);
    }
    assert!(
        log.events
            .iter()
            .all(|it| it.get("action").is_none() && it.get("statusInfo").is_none())
    );
}

#[test]
fn who_was_skipped_is_told_why() {
    let world = World::new();
    let log = Log::new(&world);
    let skipped = log.find("sourceIdentity/displayName eq 'cleo'");
    assert_eq!(skipped.len(), 1, "once, not in every cycle");
    assert_eq!(skipped[0]["provisioningStatusInfo"]["status"], "skipped");
    assert_eq!(
        skipped[0]["provisioningStatusInfo"]["errorInformation"]["errorCode"],
        "NotEffectivelyEntitled"
    );
    let steps = skipped[0]["provisioningSteps"].as_array().unwrap();
    let scoping = steps
        .iter()
        .find(|it| it["name"] == "EntrySynchronizationScoping")
        .unwrap();
    assert_eq!(scoping["details"]["Assigned to the application"], "False");
    assert!(
        steps
            .iter()
            .any(|it| it["name"] == "EntrySynchronizationSkip")
    );
    assert!(!log.configuration.job.is_empty());
}

#[test]
fn only_what_was_selected_is_shown() {
    let world = World::new();
    let log = Log::new(&world);
    let page = log
        .client
        .get(&format!(
            "{LOG}?$select=id,SOURCEIDENTITY/displayName&$top=1"
        ))
        .ok();
    assert_eq!(
        crate::world::names(&page["value"][0]),
        ["id", "sourceIdentity"]
    );
    let context = text(&page, "@odata.context");
    assert!(
        context.ends_with("#auditLogs/provisioning(id,sourceIdentity)"),
        "{context}"
    );
    let selected = log.client.all(&format!("{LOG}?$select=id&$top=1"));
    let ids = |events: &[Json]| -> Vec<Json> { events.iter().map(|it| it["id"].clone()).collect() };
    assert_eq!(ids(&selected), ids(&log.events));
    assert!(
        selected.iter().all(|it| crate::world::names(it) == ["id"]),
        "on every page"
    );
    let id = text(&log.events[0], "id");
    let one = log.client.get(&format!("{LOG}/{id}?$select=jobId")).ok();
    assert_eq!(crate::world::names(&one), ["@odata.context", "jobId"]);
}

#[test]
fn what_an_event_does_not_have_can_not_be_selected() {
    let world = World::new();
    let log = Log::new(&world);
    log.refuses("$select=id,nonsense", "'nonsense'");
    log.refuses("$select=action", "'action'");
    let beta = log
        .client
        .get("/beta/auditLogs/provisioning?$select=action&$top=1")
        .ok();
    assert_eq!(crate::world::names(&beta["value"][0]), ["action"]);
}
