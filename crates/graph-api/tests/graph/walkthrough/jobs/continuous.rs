//! A job is changed while its changes are followed.

use serde_json::json;
use syncline_model::JobId;
use syncline_runner::{Observer, Progress};

use crate::walkthrough::callers::everything;
use crate::walkthrough::setup::{configure, employee, trust};
use crate::world::World;

/// Changes the job after each page, over HTTP.
struct Shortening<'w> {
    world: &'w World,
    job: String,
}

impl Observer for Shortening<'_> {
    fn page_done(&self, _progress: &Progress) {
        let body = json!({"schedule": {"interval": "PT5M"}});
        let admin = everything(self.world, "contoso");
        admin.patch(&self.job, body).no_content();
    }
}

#[test]
fn a_shorter_interval_asks_for_no_cycle_behind_one_that_follows_changes() {
    let world = World::new();
    trust(&world);
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    let url = configuration.job_url("");
    configuration.synchronize_all(&world);
    let setting = json!({"name": "ContinuousMode", "value": "True"});
    let body = json!({"synchronizationJobSettings": [setting], "schedule": {"interval": "PT1H"}});
    admin.patch(&url, body).no_content();
    let ada = employee(&world, "ada", "Sales");
    configuration.start(&world);
    configuration.cycle(&world);
    let body = json!({"department": "Legal"});
    admin
        .patch(&format!("/v1.0/users/{ada}"), body)
        .no_content();
    let observer = Shortening {
        world: &world,
        job: url,
    };
    let (tenant, job) = (world.tenants.contoso.id, JobId(configuration.job.clone()));
    let followed = world.api.runner.follow(tenant, &job, &observer);
    let followed = followed.unwrap().unwrap();
    assert!(followed.in_between);
    assert_eq!(followed.counts.updated, 1);

    let due = || world.api.runner.due(10).unwrap();
    world.clock.advance_seconds(299);
    assert!(due().scheduled.is_empty() && due().any_follows);
    world.clock.advance_seconds(1);
    assert_eq!(due().scheduled, [(tenant, job)]);
}
