//! The setting of a job from which number of deletes on a cycle holds them.

use serde_json::{Value as Json, json};
use syncline_model::JobId;

use crate::walkthrough::callers::everything;
use crate::walkthrough::setup::{Configuration, configure, employee, trust};
use crate::world::{Answer, Client, World};

const NAME: &str = "QuarantineTooManyDeletesThreshold";

fn set(admin: &Client<'_>, configuration: &Configuration, name: &str, value: Json) -> Answer {
    let setting = json!({"name": name, "value": value});
    admin.patch(
        &configuration.job_url(""),
        json!({"synchronizationJobSettings": [setting]}),
    )
}

#[test]
fn what_it_says_is_held() {
    let world = World::new();
    trust(&world);
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    configuration.synchronize_all(&world);
    let ids = ["ada", "bo", "cy"].map(|it| employee(&world, it, "Sales"));
    configuration.start(&world);
    configuration.cycle(&world);
    set(&admin, &configuration, &NAME.to_lowercase(), json!("2")).no_content();
    let job = admin.get(&configuration.job_url("")).ok();
    assert_eq!(
        job["synchronizationJobSettings"][2],
        json!({"name": NAME, "value": "2"})
    );
    for id in &ids[..2] {
        admin.delete(&format!("/v1.0/users/{id}")).no_content();
    }
    assert_eq!(configuration.cycle(&world).counts.staged, 2);
    let job = admin.get(&configuration.job_url("")).ok();
    assert_eq!(job["status"]["quarantine"]["reason"], "TooManyDeletes");
    set(&admin, &configuration, NAME, Json::Null).no_content();
    assert_eq!(configuration.cycle(&world).counts.deleted, 2);
}

#[test]
fn what_would_not_hold_is_refused() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    let before = admin.get(&configuration.job_url("")).ok();
    for (name, value, said) in [
        (NAME, "many", "`many`, not a whole number of 0 or more"),
        (NAME, "-1", "`-1`, not a whole number"),
        (NAME, "2.5", "`2.5`, not a whole number"),
        (
            "QuarantineTooManyDeleteThreshold",
            "10",
            "did you mean `QuarantineTooManyDeletesThreshold`?",
        ),
        (
            "DeleteThresholdValue",
            "10",
            "`QuarantineTooManyDeletesThreshold` alone",
        ),
        (
            "skipOutOfScopeDeletions",
            "true",
            "the secrets have `SyncNotificationSettings` and `SkipOutOfScopeDeletions`",
        ),
    ] {
        let error =
            set(&admin, &configuration, name, json!(value)).problem(400, "Request_BadRequest");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(said), "{name}: {message}");
    }
    assert_eq!(admin.get(&configuration.job_url("")).ok(), before);
    for value in ["10", ""] {
        set(&admin, &configuration, NAME, json!(value)).no_content();
    }
}

/// An earlier build took anything.
#[test]
fn what_is_stored_may_be_sent_back() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    let (contoso, id) = (world.tenants.contoso.id, JobId(configuration.job.clone()));
    world
        .store
        .write(|tx| {
            let mut job = tx.job(contoso, &id)?.unwrap();
            for (name, value) in [(NAME, "many"), ("MostDeletes", "7")] {
                job.settings.push((name.to_owned(), value.to_owned()));
            }
            tx.update_job(&job)
        })
        .unwrap();
    let url = configuration.job_url("");
    let job = admin.get(&url).ok();
    admin.patch(&url, job.clone()).no_content();
    assert_eq!(admin.get(&url).ok(), job);
    set(&admin, &configuration, "MostDeletes", json!("8")).problem(400, "Request_BadRequest");
    set(&admin, &configuration, "MostDeletes", Json::Null).no_content();
    set(&admin, &configuration, NAME, json!("8")).no_content();
}
