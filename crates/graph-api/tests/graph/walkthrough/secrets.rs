//! `synchronization/secrets`: upsert, removal, what is shown, what is refused.

use serde_json::{Value as Json, json};
use syncline_model::JobId;

use crate::world::{World, each};

use super::callers::everything;
use super::setup::{Configuration, configure, instantiate, trust};

struct Secrets<'w> {
    client: crate::world::Client<'w>,
    configuration: Configuration,
}

impl<'w> Secrets<'w> {
    fn new(world: &'w World) -> Self {
        let client = everything(world, "contoso");
        let configuration = instantiate(&client, "contoso");
        Self {
            client,
            configuration,
        }
    }

    fn put(&self, pairs: &[(&str, &str)]) -> crate::world::Answer {
        let pairs: Vec<Json> = pairs
            .iter()
            .map(|(key, value)| json!({"key": key, "value": value}))
            .collect();
        self.client
            .put(&self.configuration.url("/secrets"), json!({"value": pairs}))
    }

    fn list(&self) -> Vec<(String, String)> {
        let list = self.client.get(&self.configuration.url("/secrets")).ok();
        each(&list, "key")
            .into_iter()
            .zip(each(&list, "value"))
            .collect()
    }
}

fn pair(key: &str, value: &str) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

#[test]
fn as_many_keys_come_back_as_were_set() {
    let world = World::new();
    let secrets = Secrets::new(&world);
    assert_eq!(secrets.list(), []);
    let pairs = [
        ("AuthenticationType", "SyncPolicy"),
        ("SyncAll", "false"),
        ("BaseAddress", "https://x"),
        ("SandboxName", "s"),
    ];
    secrets.put(&pairs).no_content();
    assert_eq!(secrets.list().len(), pairs.len());
    assert_eq!(
        secrets
            .client
            .get(&secrets.configuration.url("/secrets/$count"))
            .text(),
        "4"
    );
}

#[test]
fn one_key_is_set_or_removed_and_the_others_stay() {
    let world = World::new();
    let secrets = Secrets::new(&world);
    secrets
        .put(&[("SyncAll", "false"), ("AuthenticationType", "SyncPolicy")])
        .no_content();
    secrets.put(&[("SyncAll", "true")]).no_content();
    assert_eq!(
        secrets.list(),
        [
            pair("AuthenticationType", "SyncPolicy"),
            pair("SyncAll", "true")
        ]
    );
    secrets.put(&[("SyncAll", "")]).no_content();
    assert_eq!(secrets.list(), [pair("AuthenticationType", "SyncPolicy")]);
    secrets.put(&[("SyncAll", "")]).no_content();
    let null = json!({"value": [{"key": "AuthenticationType", "value": null}]});
    secrets
        .client
        .put(&secrets.configuration.url("/secrets"), null)
        .no_content();
    assert_eq!(secrets.list(), []);
}

#[test]
fn secret_values_are_never_shown() {
    let world = World::new();
    let secrets = Secrets::new(&world);
    let hidden = [
        "Password",
        "SecretToken",
        "ClientSecret",
        "Oauth2ClientSecret",
        "Oauth2AccessToken",
        "ConnectionString",
    ];
    for key in hidden {
        secrets.put(&[(key, "very secret")]).no_content();
    }
    for (key, value) in secrets.list() {
        assert_eq!(value, "*", "{key}");
    }
    assert_eq!(secrets.list().len(), hidden.len());
}

#[test]
fn keys_are_known_in_any_case_and_shown_in_graphs() {
    let world = World::new();
    let secrets = Secrets::new(&world);
    secrets.put(&[("syncall", "True")]).no_content();
    secrets.put(&[("SYNCALL", "FALSE")]).no_content();
    assert_eq!(secrets.list(), [pair("SyncAll", "FALSE")]);
}

#[test]
fn unknown_keys_change_nothing() {
    let world = World::new();
    let secrets = Secrets::new(&world);
    for key in ["Nonsense", "None", "", " "] {
        secrets
            .put(&[("SyncAll", "true"), (key, "x")])
            .problem(400, "Request_BadRequest");
    }
    assert_eq!(secrets.list(), []);
}

#[test]
fn values_that_could_not_work_are_refused() {
    let world = World::new();
    let secrets = Secrets::new(&world);
    for (key, value) in [
        ("SyncAll", "maybe"),
        ("SkipOutOfScopeDeletions", "1"),
        ("HardDeletesEnabled", "yes"),
        ("HardDeletesEnabled", "True"),
        ("CompanyId", "fabrikam"),
        ("SyncNotificationSettings", "{"),
        ("SyncNotificationSettings", "[]"),
    ] {
        let error = secrets
            .put(&[(key, value)])
            .problem(400, "Request_BadRequest");
        assert!(error["message"].as_str().unwrap().contains(key), "{error}");
    }
    assert_eq!(secrets.list(), []);
}

/// Nothing is deleted for good at once where the server keeps it for a while.
#[test]
fn deletions_are_soft() {
    let world = World::new();
    let secrets = Secrets::new(&world);
    secrets.put(&[("HardDeletesEnabled", "False")]).no_content();
    let error = secrets
        .put(&[("HardDeletesEnabled", "true")])
        .problem(400, "Request_BadRequest");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("--deleted-retention-days"), "{message}");
    assert_eq!(secrets.list(), [pair("HardDeletesEnabled", "False")]);
}

/// What is passed over leaves the threshold where it was, and nobody notices before it is needed.
#[test]
fn a_deletion_threshold_that_would_not_hold_is_refused_with_the_member_that_is_wrong() {
    let world = World::new();
    let secrets = Secrets::new(&world);
    for (settings, said) in [
        (
            r#"{"deleteThresholdEnabled":true}"#,
            "`deleteThresholdEnabled` is not a member of it; did you mean `DeleteThresholdEnabled`?",
        ),
        (
            r#"{"DeleteThresholdEnabled":true,"deleteThresholdValue":5}"#,
            "did you mean `DeleteThresholdValue`?",
        ),
        (
            r#"{"DeleteTresholdValue":5}"#,
            "did you mean `DeleteThresholdValue`?",
        ),
        (
            r#"{"Threshold":5}"#,
            "`Threshold` is not a member of it; it has Enabled, Recipients, DeleteThresholdEnabled",
        ),
        (
            r#"{"DeleteThresholdEnabled":true,"DeleteThresholdValue":-1}"#,
            "`DeleteThresholdValue` is -1, not a whole number of 0 or more",
        ),
        (
            r#"{"DeleteThresholdValue":2.5}"#,
            "`DeleteThresholdValue` is 2.5",
        ),
        (
            r#"{"DeleteThresholdValue":"x"}"#,
            "`DeleteThresholdValue` is \"x\"",
        ),
        (
            r#"{"DeleteThresholdEnabled":"yes"}"#,
            "`DeleteThresholdEnabled` is \"yes\", not true or false",
        ),
        (
            r#"{"DeleteThresholdEnabled":1}"#,
            "`DeleteThresholdEnabled` is 1",
        ),
        ("no", "it is no JSON object as text"),
        ("[]", "it is no JSON object as text"),
        ("5", "it is no JSON object as text"),
    ] {
        let error = secrets
            .put(&[("SyncNotificationSettings", settings)])
            .problem(400, "Request_BadRequest");
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains("'SyncNotificationSettings'") && message.contains(said),
            "{settings}: {message}"
        );
    }
    assert_eq!(secrets.list(), []);
}

#[test]
fn all_that_is_wrong_with_a_threshold_is_told_at_once() {
    let world = World::new();
    let settings = r#"{"deleteThresholdEnabled":true,"DeleteThresholdValue":"many"}"#;
    let error = Secrets::new(&world)
        .put(&[("SyncNotificationSettings", settings)])
        .problem(400, "Request_BadRequest");
    let message = error["message"].as_str().unwrap();
    for said in ["`deleteThresholdEnabled`", "`DeleteThresholdValue`"] {
        assert!(message.contains(said), "{message}");
    }
}

#[test]
fn of_a_great_many_wrong_members_the_first_are_told() {
    let world = World::new();
    let many: Vec<String> = (0..1000)
        .map(|it| format!("\"{it}threshold{}\":1", "x".repeat(20)))
        .collect();
    for settings in [
        format!("{{{}}}", many.join(",")),
        format!("{{\"DeleteThresholdValue\":\"{}\"}}", "5".repeat(30_000)),
    ] {
        let error = Secrets::new(&world)
            .put(&[("SyncNotificationSettings", &settings)])
            .problem(400, "Request_BadRequest");
        assert!(error["message"].as_str().unwrap().len() < 2000);
    }
}

#[test]
fn the_settings_that_graphs_portal_and_samples_send_are_taken() {
    let world = World::new();
    let secrets = Secrets::new(&world);
    for settings in [
        r#"{"Enabled":false,"DeleteThresholdEnabled":false}"#,
        r#"{"Enabled":false,"DeleteThresholdEnabled":false,"HumanResourcesLookaheadQueryEnabled":false}"#,
        r#"{"Enabled":true,"Recipients":"a@contoso.example,b@contoso.example","DeleteThresholdEnabled":true,"DeleteThresholdValue":14,"HumanResourcesLookaheadQueryEnabled":false}"#,
        r#"{"Enabled":"true","DeleteThresholdEnabled":"True","DeleteThresholdValue":"20","Recipients":""}"#,
        r#"{"Enabled":true,"Recipients":null,"DeleteThresholdEnabled":true,"DeleteThresholdValue":null}"#,
        // Whatever comes that is about something else.
        r#"{"Enabled":true,"WebhookAddress":"https://contoso.example","DeleteThresholdEnabled":true}"#,
        "{}",
    ] {
        secrets
            .put(&[("SyncNotificationSettings", settings)])
            .no_content();
        assert_eq!(secrets.list(), [pair("SyncNotificationSettings", settings)]);
    }
}

#[test]
fn the_target_is_another_tenant() {
    let world = World::new();
    let secrets = Secrets::new(&world);
    let own = world.tenants.contoso.id.to_string();
    let error = secrets
        .put(&[("CompanyId", &own)])
        .problem(400, "Request_BadRequest");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("source tenant itself"), "{message}");
    // One that is not, or not yet, in this installation: validateCredentials tells.
    secrets
        .put(&[("CompanyId", "01234567-89ab-4def-8123-456789abcdef")])
        .no_content();
}

#[test]
fn bodies_of_another_shape_are_refused() {
    let world = World::new();
    let secrets = Secrets::new(&world);
    let url = secrets.configuration.url("/secrets");
    for body in [
        json!({}),
        json!({"value": null}),
        json!({"value": {}}),
        json!({"value": ["SyncAll"]}),
        json!({"value": [{"key": "SyncAll", "value": true}]}),
        json!({"value": [{"value": "x"}]}),
        json!({"value": [{"key": "SyncAll", "value": "true", "nonsense": 1}]}),
        json!({"value": [{"key": "SyncAll", "value": "true"}], "nonsense": 1}),
        json!({"value": [{"key": 22, "value": "true"}]}),
    ] {
        secrets
            .client
            .put(&url, body)
            .problem(400, "Request_BadRequest");
    }
    secrets
        .client
        .send("PUT", &url, b"value".to_vec())
        .problem(400, "BadRequest");
    secrets
        .client
        .post(&url, json!({}))
        .problem(405, "Request_BadRequest");
    assert_eq!(secrets.list(), []);
}

#[test]
fn types_of_beta_clients_are_ignored() {
    let world = World::new();
    let secrets = Secrets::new(&world);
    let body = json!({"value": [{
        "@odata.type": "#microsoft.graph.synchronizationSecretKeyStringValuePair",
        "key": "SyncAll",
        "value": "true",
    }]});
    secrets
        .client
        .put(&secrets.configuration.url("/secrets"), body)
        .no_content();
    assert_eq!(secrets.list(), [pair("SyncAll", "true")]);
}

#[test]
fn each_configuration_has_its_own() {
    let world = World::new();
    let (one, two) = (Secrets::new(&world), Secrets::new(&world));
    one.put(&[("SyncAll", "true")]).no_content();
    assert_eq!(two.list(), []);
    let twin = format!(
        "/beta/applications/{}/synchronization/secrets",
        one.configuration.application
    );
    assert_eq!(each(&one.client.get(&twin).ok(), "key"), ["SyncAll"]);
}

#[test]
fn a_value_is_no_place_for_megabytes() {
    let world = World::new();
    let secrets = Secrets::new(&world);
    let long = "x".repeat(32 * 1024);
    secrets.put(&[("BaseAddress", &long)]).no_content();
    secrets
        .put(&[("BaseAddress", &format!("{long}x"))])
        .problem(400, "Request_BadRequest");
}

#[test]
fn secrets_that_can_not_be_read_are_replaced_by_whole_ones() {
    let world = World::new();
    trust(&world);
    let secrets = Secrets {
        client: everything(&world, "contoso"),
        configuration: configure(&world),
    };
    let generation = || {
        let (contoso, id) = (world.tenants.contoso.id, &secrets.configuration.job);
        let job = world
            .store
            .read(|reader| reader.job(contoso, &JobId(id.clone())));
        job.unwrap().unwrap().configuration_generation
    };
    let before = generation();
    world.damage(
        "UPDATE document SET body = substr(body, 1, 1) WHERE kind = 'synchronization_secrets'",
    );
    let url = secrets.configuration.url("/secrets");
    assert_eq!(secrets.client.get(&url).status, 500);

    let fabrikam = world.tenants.fabrikam.id.to_string();
    let whole = [
        ("AuthenticationType", "SyncPolicy"),
        ("CompanyId", fabrikam.as_str()),
        ("SyncAll", "false"),
    ];
    for left_out in whole {
        let some: Vec<_> = whole.into_iter().filter(|it| *it != left_out).collect();
        let error = secrets.put(&some).problem(400, "Request_BadRequest");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("cannot be read"), "{message}");
        assert!(message.contains(left_out.0), "{message}");
    }
    assert_eq!(generation(), before);

    secrets.put(&whole).no_content();
    assert_eq!(secrets.list(), whole.map(|(key, value)| pair(key, value)));
    assert_eq!(generation(), before + 1);
}
