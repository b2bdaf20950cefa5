//! Several nodes that bring the same people forward.

use std::cell::Cell;

use syncline_model::job::Counts;
use syncline_runner::Silent;

use crate::nodes::{LONG, PEOPLE, all_is_done_once, node, run, shared};
use crate::world::before_page;

/// One node has decided the first page of its part, with him whom all report to. Before that is
/// carried out the other one creates him with its own first page, and comes to him in the last part.
#[test]
fn two_parts_that_bring_the_same_leader_forward() {
    let Some(world) = shared() else { return };
    let (first, second) = (node(&world, 1, LONG), node(&world, 2, LONG));
    let helped = Cell::new(false);
    let observer = before_page(1, || {
        let tended = second.tend(world.contoso.id, &world.job, &Silent).unwrap();
        assert_eq!(tended, None);
        let names = world.target_names();
        assert!(names.contains(&format!("p{}", PEOPLE - 1)), "{names:?}");
        helped.set(true);
    });
    let report = run(&world, &first, &observer).unwrap();
    assert!(helped.get());
    let expected = Counts {
        created: PEOPLE as u64,
        references_set: PEOPLE as u64 - 1,
        ..Counts::default()
    };
    assert_eq!(report.counts, expected);
    let status = world.stored_job().status;
    assert_eq!(status.last_execution.unwrap().imported, PEOPLE as u64);
    all_is_done_once(&world, &report);
}
