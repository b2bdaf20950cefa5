//! A target that withdraws its permission in the middle of a cycle.

use serde_json::json;
use syncline_model::JobId;
use syncline_model::job::CycleState;
use syncline_runner::{Observer, PageSizes, Progress};

use crate::walkthrough::callers::everything;
use crate::walkthrough::setup::{PARTNERS, configure, employee, synchronized, trust};
use crate::world::World;

const PEOPLE: usize = 15;

/// Withdraws after the first page, over HTTP, as the target's administrator would.
struct Withdrawing<'w>(&'w World);

impl Observer for Withdrawing<'_> {
    fn page_done(&self, _progress: &Progress) {
        allow(self.0, false);
    }
}

fn allow(world: &World, allowed: bool) {
    let url = format!(
        "/v1.0{PARTNERS}/{}/identitySynchronization",
        world.tenants.contoso.id
    );
    let body = json!({"userSyncInbound": {"isSyncAllowed": allowed}});
    everything(world, "fabrikam").patch(&url, body).no_content();
}

#[test]
fn the_cycle_ends_at_the_next_page_and_goes_on_when_allowed_again() {
    let world = World::new();
    trust(&world);
    let configuration = configure(&world);
    configuration.synchronize_all(&world);
    for at in 0..PEOPLE {
        employee(&world, &format!("person{at}"), "Sales");
    }
    configuration.start(&world);
    let job = JobId(configuration.job.clone());
    let tenant = world.tenants.contoso.id;
    // One page in each transaction: of pages that are written together, the withdrawal would meet the
    // last one only.
    let runner = world
        .api
        .runner
        .clone()
        .with_page_sizes(PageSizes::fixed(5));
    let report = runner
        .run_cycle(tenant, &job, &Withdrawing(&world))
        .unwrap();
    assert_eq!(report.state, CycleState::Failed);
    let (code, message) = report.error.unwrap();
    assert_eq!(
        code,
        "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure"
    );
    assert!(message.starts_with("The target tenant"), "{message}");
    let first_page = synchronized(&world, "fabrikam").len();
    assert!(
        (1..PEOPLE).contains(&first_page),
        "{first_page} came before the withdrawal"
    );
    let status = &everything(&world, "contoso")
        .get(&configuration.job_url(""))
        .ok()["status"];
    assert_eq!(status["code"], "Quarantine");
    assert_eq!(status["lastExecution"]["error"]["code"], code);

    allow(&world, true);
    configuration.start(&world);
    let report = configuration.cycle(&world);
    assert_eq!(report.state, CycleState::Succeeded);
    // Nobody comes twice.
    assert_eq!(synchronized(&world, "fabrikam").len(), PEOPLE);
}
