//! What the log says of jobs that were deleted, made again, or have another target by now.

use super::*;
use crate::walkthrough::callers::tenant_of;
use crate::world::names;

/// The same events, whatever has become of their job.
fn assert_same(log: &Log<'_>) {
    let now = log.client.all(LOG);
    let old: Vec<&Json> = now
        .iter()
        .filter(|it| log.events.iter().any(|event| event["id"] == it["id"]))
        .collect();
    assert_eq!(old, log.events.iter().collect::<Vec<_>>());
}

/// Deletes the job and makes it again, which gives it the id that it had.
fn made_again(log: &Log<'_>) {
    let configuration = &log.configuration;
    log.client.delete(&configuration.job_url("")).no_content();
    let template = json!({"templateId": "Azure2Azure"});
    let job = log
        .client
        .post(&configuration.url("/jobs"), template)
        .created();
    assert_eq!(text(&job, "id"), configuration.job);
}

fn secret(log: &Log<'_>, key: &str, value: &str) {
    let body = json!({"value": [{"key": key, "value": value}]});
    let url = log.configuration.url("/secrets");
    log.client.put(&url, body).no_content();
}

#[test]
fn a_job_that_was_made_again_has_the_events_of_the_one_before_it_too() {
    let world = World::new();
    let log = Log::new(&world);
    let of_job = format!("jobId eq '{}'", log.configuration.job);
    let before = log.events.len();
    assert_eq!(log.find(&of_job), log.events);
    for _ in 0..2 {
        made_again(&log);
        assert_eq!(log.find(&of_job).len(), log.client.all(LOG).len());
        log.configuration.start(&world);
        log.configuration.cycle(&world);
        world.clock.advance_seconds(600);
    }
    let all = log.client.all(LOG);
    assert!(all.len() > before + 1, "{}", all.len());
    assert_eq!(log.find(&of_job), all);
    for query in ["$top=2", "$top=1&$orderby=activityDateTime asc"] {
        assert_eq!(
            log.client.all(&format!("{LOG}?$filter={of_job}&{query}")),
            log.client.all(&format!("{LOG}?{query}")),
            "{query}"
        );
    }
    let count = log
        .client
        .get(&format!("{LOG}/$count?$filter={of_job}"))
        .text();
    assert_eq!(count, all.len().to_string());
    assert_same(&log);

    log.client
        .delete(&log.configuration.job_url(""))
        .no_content();
    assert_eq!(log.find(&of_job), all, "of those that are gone");
    assert_eq!(log.find("jobId eq 'Azure2Azure.nobody'"), [0; 0]);
}

#[test]
fn events_of_another_target_go_on_telling_it() {
    let world = World::new();
    let log = Log::new(&world);
    let target = tenant_of(&world, "fabrikam").id.to_string();
    let other = "01234567-89ab-4def-8123-456789abcdef";
    let to = |target: &str| log.find(&format!("tenantId eq '{target}'"));
    assert_eq!(to(&target), log.events);

    secret(&log, "CompanyId", other);
    assert_same(&log);
    assert_eq!(to(&target), log.events);
    assert_eq!(to(other), [0; 0]);

    // Back again: what comes then is of the first target, too.
    secret(&log, "CompanyId", &target);
    let dora = employee(&world, "dora", "Sales");
    log.configuration.assign(&world, &dora);
    log.configuration.cycle(&world);
    let newer = to(&target);
    assert!(newer.len() > log.events.len());
    secret(&log, "CompanyId", "");
    assert_eq!(to(&target), newer);
    assert_same(&log);
}

#[test]
fn events_of_a_deleted_configuration_tell_which_it_was() {
    let world = World::new();
    let log = Log::new(&world);
    let id = &log.configuration.service_principal;
    log.client
        .delete(&format!("/v1.0/servicePrincipals/{id}"))
        .no_content();
    assert_same(&log);
    for filter in [
        format!("servicePrincipal/id eq '{id}'"),
        "servicePrincipal/displayName eq 'Fabrikam'".to_owned(),
        format!("tenantId eq '{}'", tenant_of(&world, "fabrikam").id),
    ] {
        assert_eq!(log.find(&filter), log.events, "{filter}");
    }
    let event = &log.events[0];
    let url = format!("{LOG}/{}?$select=tenantId", text(event, "id"));
    let one = log.client.get(&url).ok();
    assert_eq!(names(&one), ["@odata.context", "tenantId"]);
    assert_eq!(one["tenantId"], event["tenantId"]);
}

#[test]
fn a_target_is_told_as_ids_are_however_it_was_typed() {
    let world = World::new();
    let log = Log::new(&world);
    let target = tenant_of(&world, "fabrikam").id.to_string();
    secret(&log, "CompanyId", &target.to_uppercase());
    assert_same(&log);
    let ada = format!("/v1.0/users/{}", log.ada);
    log.client
        .patch(&ada, json!({"jobTitle": "Captain"}))
        .no_content();
    log.configuration.cycle(&world);
    let all = log.client.all(LOG);
    assert!(all.len() > log.events.len());
    assert_eq!(log.find(&format!("tenantId eq '{target}'")), all);
}

#[test]
fn facts_that_can_not_be_read_are_left_empty_and_take_no_event_away() {
    let world = World::new();
    let log = Log::new(&world);
    secret(&log, "CompanyId", "");
    world.damage("UPDATE document SET body = substr(body, 1, 1) WHERE kind = 'log_facts'");
    let now = log.client.all(LOG);
    assert_eq!(now.len(), log.events.len());
    assert!(now.iter().all(|it| it["tenantId"] == ""));
    made_again(&log);
}

#[test]
fn secrets_that_can_not_be_read_take_no_event_away() {
    let world = World::new();
    let log = Log::new(&world);
    world.damage(
        "UPDATE document SET body = substr(body, 1, 1) WHERE kind = 'synchronization_secrets'",
    );
    let now = log.client.all(LOG);
    assert_eq!(now.len(), log.events.len());
    assert!(now.iter().all(|it| it["tenantId"] == ""));
}
