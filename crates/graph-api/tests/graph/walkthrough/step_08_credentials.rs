//! Step 8: the source tenant stores the credentials.

use serde_json::{Value as Json, json};

use super::walk::Walk;

const NOTIFICATIONS: &str = r#"{"Enabled":false,"DeleteThresholdEnabled":false,"HumanResourcesLookaheadQueryEnabled":false}"#;

pub fn run(walk: &Walk<'_>) {
    let url = walk.synchronization("/secrets");
    let four = json!({"value": [
        {"key": "AuthenticationType", "value": "SyncPolicy"},
        {"key": "CompanyId", "value": walk.target_id},
        {"key": "SyncNotificationSettings", "value": NOTIFICATIONS},
        {"key": "SyncAll", "value": "false"},
    ]});
    walk.line("8.1").no_content(&walk.source.put(&url, four));

    let two = json!({"Value": [
        {"Key": "CompanyId", "Value": walk.target_id},
        {"Key": "AuthenticationType", "Value": "SyncPolicy"},
    ]});
    walk.line("8.2").no_content(&walk.source.put(&url, two));

    let secrets = walk.line("8.3").ok(&walk.source.get(&url));
    let items = secrets["value"].as_array().unwrap();
    walk.line("8.3").equal(items.len(), 4);
    let value = |key: &str| {
        items
            .iter()
            .find(|it| it["key"] == key)
            .map(|it| &it["value"])
    };
    walk.line("8.2")
        .equal(value("SyncAll"), Some(&Json::from("false")));
    walk.line("8.2").equal(
        value("SyncNotificationSettings"),
        Some(&Json::from(NOTIFICATIONS)),
    );
}
