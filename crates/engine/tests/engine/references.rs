//! References the target object should have.

use syncline_engine::{Decision, Reference};
use syncline_model::Attr;

use crate::support::{World, id, person};

const MANAGER: u128 = 0xb055;

fn managers(decision: &Decision) -> Vec<Reference> {
    decision.references.clone()
}

fn manager(sources: &[u128], current: &[u128]) -> Vec<Reference> {
    vec![Reference {
        attr: Attr::MANAGER,
        sources: sources.iter().copied().map(id).collect(),
        current: current.iter().copied().map(id).collect(),
    }]
}

fn linked_with_manager(current: &[u128]) -> World {
    let mut world = World::new().synchronized();
    world.target[0].references = vec![(Attr::MANAGER, current.iter().copied().map(id).collect())];
    world
}

#[test]
fn a_created_user_gets_the_manager() {
    let decision = World::new().decide(&person().managed_by(id(MANAGER)).0);
    assert_eq!(managers(&decision), manager(&[MANAGER], &[]));
}

#[test]
fn without_a_manager_on_both_sides_there_is_nothing_to_do() {
    assert!(managers(&World::new().decide(&person().0)).is_empty());
    assert!(managers(&World::new().synchronized().decide(&person().0)).is_empty());
}

#[test]
fn the_target_is_asked_for_the_manager_it_has() {
    let decision = linked_with_manager(&[9]).decide(&person().managed_by(id(MANAGER)).0);
    assert_eq!(managers(&decision), manager(&[MANAGER], &[9]));
}

#[test]
fn removing_a_manager_propagates() {
    let decision = linked_with_manager(&[9]).decide(&person().0);
    assert_eq!(managers(&decision), manager(&[], &[9]));
}

#[test]
fn a_restored_user_gets_the_manager_back() {
    let world = linked_with_manager(&[]).in_recycle_bin();
    assert_eq!(
        managers(&world.decide(&person().managed_by(id(MANAGER)).0)),
        manager(&[MANAGER], &[])
    );
}

#[test]
fn who_leaves_keeps_no_references_to_write() {
    let source = || person().managed_by(id(MANAGER));
    assert!(managers(&linked_with_manager(&[9]).decide(&source().unassigned().0)).is_empty());
    assert!(
        managers(
            &linked_with_manager(&[9])
                .in_recycle_bin()
                .decide(&source().unassigned().0)
        )
        .is_empty()
    );
    assert!(managers(&World::new().decide(&source().unassigned().0)).is_empty());
}
