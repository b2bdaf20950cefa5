//! A node keeps its leases also while a page takes longer than they last.

use syncline_runner::{Progress, Runner, Silent};
use syncline_store::Lease;

use crate::nodes::{SHORT, all_is_done_once, as_node, run, shared};
use crate::world::{AfterPage, World};

/// Long enough that a busy machine comes to it in time.
const SECONDS: u32 = 6;

/// Nothing is written until these leases, all of which somebody holds, end later than they did.
fn until_kept(leases: impl Fn() -> Vec<Lease>) {
    let before = leases();
    syncline_testkit::until("the leases end later", || {
        let kept = leases();
        assert_eq!(kept.len(), before.len());
        let mut both = kept.iter().zip(&before);
        both.all(|(now, before)| now.until > before.until)
    });
}

/// The job's lease, and those of parts that somebody works on.
fn held(world: &World) -> Vec<Lease> {
    let read = world.store.read(|reader| {
        let of_job = reader.job_lease(world.contoso.id, &world.job)?;
        let parts = reader.parts(world.contoso.id, &world.job)?;
        Ok::<_, syncline_store::StoreError>((of_job, parts))
    });
    let (of_job, parts) = read.unwrap();
    let parts = parts.into_iter().map(|it| it.lease);
    let is_held = |it: &Lease| it.owner != syncline_store::NodeId::NIL;
    of_job.into_iter().chain(parts).filter(is_held).collect()
}

fn with_heartbeats(world: &World, number: u128) -> Runner {
    as_node(world.another_process(), number, SECONDS)
}

#[test]
fn leases_of_a_job_and_of_its_part_are_kept_while_no_page_is_written() {
    let Some(world) = shared() else { return };
    let observer = AfterPage::new(|page, _: &Progress| {
        if page == 2 {
            assert_eq!(held(&world).len(), 2);
            until_kept(|| held(&world));
        }
    });
    let report = run(&world, &with_heartbeats(&world, 1), &observer).unwrap();
    all_is_done_once(&world, &report);
}

/// Whoever panics has nothing to keep.
#[test]
fn leases_are_not_kept_for_who_has_ended() {
    let Some(world) = shared() else { return };
    let first = as_node(world.another_process(), 1, SHORT).with_heartbeats(true);
    let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let observer = AfterPage::new(|page, _: &Progress| {
            assert!(page < 3, "the node dies, on purpose");
        });
        run(&world, &first, &observer)
    }));
    assert!(died.is_err());
    // It waits until the lease has ended.
    let second = as_node(world.another_process(), 2, SHORT);
    let report = run(&world, &second, &Silent).unwrap();
    all_is_done_once(&world, &report);
}
