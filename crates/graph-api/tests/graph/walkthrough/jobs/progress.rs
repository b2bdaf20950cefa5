//! What the job says of a cycle in progress.

use std::cell::Cell;

use serde_json::json;
use syncline_model::job::CyclePhase;
use syncline_model::{Clock as _, JobId};
use syncline_runner::{Observer, PageSizes, Progress};

use crate::walkthrough::callers::everything;
use crate::walkthrough::setup::{configure, employee, trust};
use crate::world::World;

/// Stops the cycle once it has asked of somebody whether a change of the configuration concerns him.
#[derive(Default)]
struct Stopping {
    done: Cell<u64>,
    total: Cell<u64>,
}

impl Observer for Stopping {
    fn page_done(&self, progress: &Progress) {
        if progress.phase == CyclePhase::Reevaluation {
            self.done.set(progress.done);
            self.total.set(progress.total);
        }
    }

    fn must_stop(&self) -> bool {
        self.done.get() > 0
    }
}

#[test]
fn those_whom_a_change_does_not_concern_are_done_as_well() {
    let world = World::new();
    trust(&world);
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    configuration.synchronize_all(&world);
    for at in 0..20 {
        let department = if at == 9 { "Marketing" } else { "Sales" };
        employee(&world, &format!("person{at}"), department);
    }
    configuration.start(&world);
    configuration.cycle(&world);

    let url = configuration.job_url("/schema");
    let mut schema = admin.get(&url).ok();
    schema["synchronizationRules"][0]["objectMappings"][0]["scope"] = json!({
        "groups": [{"name": "sales", "clauses": [{
            "sourceOperandName": "department",
            "operatorName": "EQUALS",
            "targetOperand": {"values": ["Sales"]},
        }]}],
    });
    admin.put(&url, schema).no_content();
    let runner = world.api.runner.clone();
    let runner = runner.with_page_sizes(PageSizes::fixed(2));
    let watching = Stopping::default();
    let job = JobId(configuration.job.clone());
    let tenant = world.tenants.contoso.id;
    runner.run_cycle(tenant, &job, &watching).unwrap_err();
    assert!(watching.done.get() > 1);

    world.clock.advance_seconds(7);
    let shown = admin.get(&configuration.job_url("")).ok();
    assert_eq!(
        shown["status"]["progress"],
        json!([{
            "completedUnits": watching.done.get(),
            "totalUnits": watching.total.get(),
            "units": "objects",
            "progressObservationDateTime": world.clock.now().to_string(),
        }])
    );
}
