//! A cycle that failed, and whose end was written though its node was not told: it failed, and was not
//! taken over.

use syncline_model::job::{CyclePhase, CycleState};
use syncline_runner::Progress;
use syncline_testkit::Proxy;

use crate::nodes::{LONG, as_node, run, shared};
use crate::world::AfterPage;

#[test]
fn a_cycle_that_failed_is_reported_when_the_answer_to_its_end_was_lost() {
    let Some(world) = shared() else { return };
    let Some(proxy) = Proxy::start() else { return };
    let behind = as_node(world.process_behind(&proxy), 1, LONG);
    let observer = AfterPage::new(|_, progress: &Progress| {
        if progress.phase == CyclePhase::References {
            world.secret("CompanyId", "");
            proxy.lose_answers_to_commits(1);
        }
    });
    let report = run(&world, &behind, &observer).unwrap();
    assert_eq!(report.state, CycleState::Failed);
    assert!(proxy.lost() > 0);
}
