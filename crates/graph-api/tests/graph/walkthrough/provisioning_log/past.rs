//! What the log says of jobs that were deleted and made again.

use super::*;

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
