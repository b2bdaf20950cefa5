//! Interval and settings.

use serde_json::{Value as Json, json};
use syncline_model::Clock as _;

use crate::walkthrough::callers::everything;
use crate::walkthrough::setup::{configure, employee, trust};
use crate::world::World;

#[test]
fn the_interval_has_bounds() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    let url = configuration.job_url("");
    for (sent, shown) in [
        ("PT5M", "PT5M"),
        ("PT24H", "PT24H"),
        ("P1D", "PT24H"),
        ("PT1H30M", "PT1H30M"),
        // As the Python client sends it.
        ("0:10:00", "PT10M"),
        ("1 day, 0:00:00", "PT24H"),
        ("PT2400S", "PT40M"),
    ] {
        admin
            .patch(&url, json!({"schedule": {"interval": sent}}))
            .no_content();
        assert_eq!(admin.get(&url).ok()["schedule"]["interval"], shown);
    }
    for sent in [
        "PT4M59S",
        "PT24H1S",
        "P2D",
        "PT0S",
        "40",
        "",
        "PT",
        "PTxM",
        "-PT40M",
        "0:04:59",
        "2 days, 0:00:00",
        "P10675199DT2H48M5.4775807S",
    ] {
        let answer = admin.patch(&url, json!({"schedule": {"interval": sent}}));
        answer.problem(400, "Request_BadRequest");
    }
    admin
        .patch(&url, json!({"schedule": {"interval": 40}}))
        .problem(400, "Request_BadRequest");
    admin
        .patch(&url, json!({"schedule": "PT40M"}))
        .problem(400, "Request_BadRequest");
    assert_eq!(admin.get(&url).ok()["schedule"]["interval"], "PT40M");
}

#[test]
fn a_shorter_interval_counts_at_once() {
    let world = World::new();
    trust(&world);
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    admin
        .patch(
            &configuration.job_url(""),
            json!({"schedule": {"interval": "PT24H"}}),
        )
        .no_content();
    configuration.start(&world);
    configuration.cycle(&world);
    assert!(world.api.runner.due(10).unwrap().scheduled.is_empty());
    admin
        .patch(
            &configuration.job_url(""),
            json!({"schedule": {"interval": "PT5M"}}),
        )
        .no_content();
    world.clock.advance_seconds(299);
    assert!(world.api.runner.due(10).unwrap().scheduled.is_empty());
    world.clock.advance_seconds(1);
    assert_eq!(world.api.runner.due(10).unwrap().scheduled.len(), 1);
}

/// What is held waits for somebody, and nothing else does.
#[test]
fn a_shorter_interval_counts_at_once_while_deletes_are_held() {
    let world = World::new();
    trust(&world);
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    let url = configuration.job_url("");
    configuration.synchronize_all(&world);
    let settings = json!({"value": [{"key": "SyncNotificationSettings", "value":
        r#"{"Enabled":true,"DeleteThresholdEnabled":true,"DeleteThresholdValue":1}"#}]});
    admin
        .put(&configuration.url("/secrets"), settings)
        .no_content();
    let interval = |it: &str| {
        let body = json!({"schedule": {"interval": it}});
        admin.patch(&url, body).no_content();
    };
    interval("PT24H");
    let ada = employee(&world, "ada", "Sales");
    employee(&world, "bo", "Sales");
    configuration.start(&world);
    configuration.cycle(&world);
    admin.delete(&format!("/v1.0/users/{ada}")).no_content();
    assert_eq!(configuration.cycle(&world).counts.staged, 1);
    assert!(world.api.runner.due(10).unwrap().scheduled.is_empty());

    interval("PT5M");
    let quarantine = admin.get(&url).ok()["status"]["quarantine"].clone();
    assert_eq!(quarantine["reason"], "TooManyDeletes");
    let soon = world.clock.now().plus_seconds(300).to_string();
    assert_eq!(quarantine["nextAttempt"], soon);
    world.clock.advance_seconds(300);
    assert_eq!(world.api.runner.due(10).unwrap().scheduled.len(), 1);
}

/// The back-off of a job that can not work is no interval.
#[test]
fn a_shorter_interval_ends_no_back_off() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    configuration.start(&world);
    configuration.cycle(&world);
    configuration.cycle(&world);
    let body = json!({"schedule": {"interval": "PT5M"}});
    admin.patch(&configuration.job_url(""), body).no_content();
    world.clock.advance_seconds(2400);
    assert!(world.api.runner.due(10).unwrap().scheduled.is_empty());
}

#[test]
fn settings_are_changed_one_by_one() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    let body = json!({"synchronizationJobSettings": [
        {"name": "LookaheadQueryEnabled", "value": "True"},
        {"name": "LookaheadQueryIntervalValue", "value": "30"},
    ]});
    admin.patch(&configuration.job_url(""), body).no_content();
    assert_eq!(
        admin.get(&configuration.job_url("")).ok()["synchronizationJobSettings"],
        json!([
            {"name": "AzureIngestionAttributeOptimization", "value": "False"},
            {"name": "LookaheadQueryEnabled", "value": "True"},
            {"name": "LookaheadQueryIntervalValue", "value": "30"},
        ])
    );
    admin
        .patch(&configuration.job_url(""), json!({"nonsense": 1}))
        .problem(400, "Request_BadRequest");
    admin
        .patch(
            &configuration.job_url(""),
            json!({"synchronizationJobSettings": [{"value": "x"}]}),
        )
        .problem(400, "Request_BadRequest");
}

#[test]
fn continuous_mode_is_on_or_off() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let url = configure(&world).job_url("");
    let setting = |value: &str| {
        let setting = json!({"name": "ContinuousMode", "value": value});
        admin.patch(&url, json!({"synchronizationJobSettings": [setting]}))
    };
    for value in ["True", "false"] {
        setting(value).no_content();
        let settings = admin.get(&url).ok()["synchronizationJobSettings"].clone();
        assert_eq!(
            settings[2],
            json!({"name": "ContinuousMode", "value": value})
        );
    }
    for value in ["", "yes", "1"] {
        let problem = setting(value).problem(400, "Request_BadRequest");
        assert!(
            problem.to_string().contains("is 'True' or 'False'"),
            "{problem}"
        );
    }
}

#[test]
fn settings_are_known_in_any_case_and_can_be_taken_away() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let url = configure(&world).job_url("");
    let set = |name: &str, value: Json| {
        let setting = json!({"name": name, "value": value});
        admin.patch(&url, json!({"synchronizationJobSettings": [setting]}))
    };
    let settings = || admin.get(&url).ok()["synchronizationJobSettings"].clone();
    let at_first = settings();
    set("continuousmode", json!("True")).no_content();
    assert_eq!(
        settings()[2],
        json!({"name": "ContinuousMode", "value": "True"})
    );
    set("escrowretryafter", json!("nonsense")).problem(400, "Request_BadRequest");
    set("ESCROWRETRYAFTER", json!("PT1H")).no_content();
    set("Theirs", json!("x")).no_content();
    assert_eq!(settings()[3]["name"], "EscrowRetryAfter");
    for name in ["CONTINUOUSMODE", "EscrowRetryAfter", "Theirs", "Unknown"] {
        set(name, Json::Null).no_content();
    }
    assert_eq!(settings(), at_first);
    // Every job has those of its template.
    set("LookaheadQueryEnabled", Json::Null).no_content();
    assert_eq!(
        settings()[1],
        json!({"name": "LookaheadQueryEnabled", "value": ""})
    );
}

#[test]
fn a_job_can_have_a_timetable_of_its_own() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let url = configure(&world).job_url("");
    let setting = |name: &str, value: &str| {
        let setting = json!({"name": name, "value": value});
        admin.patch(&url, json!({"synchronizationJobSettings": [setting]}))
    };
    for (name, value) in [
        ("EscrowRetryAfter", "PT1H,PT4H"),
        ("EscrowRetryEvery", "PT12H"),
        ("EscrowGiveUpAfter", "P7D"),
        // As by default again.
        ("EscrowGiveUpAfter", ""),
    ] {
        setting(name, value).no_content();
        let settings = admin.get(&url).ok()["synchronizationJobSettings"].clone();
        let all = settings.as_array().unwrap();
        assert!(
            all.contains(&json!({"name": name, "value": value})),
            "{settings}"
        );
    }
    for (name, value) in [
        ("EscrowRetryAfter", "PT4H,PT1H"),
        ("EscrowRetryEvery", "PT1M"),
        ("EscrowGiveUpAfter", "never"),
    ] {
        let problem = setting(name, value).problem(400, "Request_BadRequest");
        let said = format!("The setting '{name}' cannot be '{value}'. Expected: ");
        assert!(problem.to_string().contains(&said), "{problem}");
    }
}

#[test]
fn settings_stay_few_and_short() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let url = configure(&world).job_url("");
    let settings = |from: usize, to: usize| {
        let all: Vec<_> = (from..to)
            .map(|number| json!({"name": format!("s{number}"), "value": "x"}))
            .collect();
        json!({"synchronizationJobSettings": all})
    };
    admin.patch(&url, settings(0, 60)).no_content();
    admin.patch(&url, settings(0, 60)).no_content();
    for too_much in [
        settings(60, 120),
        settings(0, 101),
        json!({"synchronizationJobSettings": [{"name": "x", "value": "x".repeat(1025)}]}),
        json!({"synchronizationJobSettings": [{"name": "x".repeat(1025), "value": "x"}]}),
    ] {
        admin
            .patch(&url, too_much)
            .problem(400, "Request_BadRequest");
    }
    let shown = admin.get(&url).ok()["synchronizationJobSettings"]
        .as_array()
        .unwrap()
        .len();
    assert!((60..=100).contains(&shown), "{shown}");
}

#[test]
fn what_was_read_may_be_sent_back_and_started_and_stopped_it_is_elsewhere() {
    let world = World::new();
    trust(&world);
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    let url = configuration.job_url("");
    for verb in ["/start", "/pause", "/start"] {
        let job = admin.get(&url).ok();
        admin.patch(&url, job.clone()).no_content();
        assert_eq!(admin.get(&url).ok(), job);
        admin
            .send("POST", &configuration.job_url(verb), Vec::new())
            .no_content();
    }
    let before = admin.get(&url).ok();
    assert_eq!(before["schedule"]["state"], "Active");
    for (body, word) in [
        (json!({"schedule": {"state": "Disabled"}}), "/pause"),
        (json!({"schedule": {"state": "paused"}}), "/pause"),
        (json!({"schedule": {"state": "Sleeping"}}), "state"),
        (json!({"schedule": {"state": true}}), "state"),
        (
            json!({"schedule": {"expiration": "2030-01-01T00:00:00Z"}}),
            "expiration",
        ),
        (json!({"schedule": {"nonsense": 1}}), "nonsense"),
        (json!({"templateId": "Slack"}), "templateId"),
        (json!({"id": "Azure2Azure.1.2"}), "id"),
    ] {
        let mut body = body;
        // Nothing is changed by a body of which one member is refused.
        body["synchronizationJobSettings"] = json!([{"name": "x", "value": "y"}]);
        let error = admin
            .patch(&url, body.clone())
            .problem(400, "Request_BadRequest");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(word), "{body}: {message}");
    }
    assert_eq!(admin.get(&url).ok(), before);
    admin
        .patch(
            &url,
            json!({"schedule": {"state": "active", "expiration": null}}),
        )
        .no_content();
    admin
        .send("POST", &configuration.job_url("/pause"), Vec::new())
        .no_content();
    let error = admin
        .patch(&url, json!({"schedule": {"state": "Active"}}))
        .problem(400, "Request_BadRequest");
    assert!(error["message"].as_str().unwrap().contains("/start"));
}
