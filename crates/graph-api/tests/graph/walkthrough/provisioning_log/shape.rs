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
