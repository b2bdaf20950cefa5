//! Whether the job keeps somebody in step: as before.

use syncline_engine::evidence::EvidenceOutcome;
use syncline_engine::schema::AttributeMapping;
use syncline_model::job::Counts;
use syncline_model::link::LinkState;
use syncline_runner::{Span, Undone};

use super::{link_of, sales};
use crate::matched_anew::link_to;
use crate::world::{World, left, map};

/// The job has let go of bo.
fn without_bo() -> World {
    let world = sales();
    world.secret("SkipOutOfScopeDeletions", "true");
    world.person("bo").department("Legal");
    world.cycle();
    assert_eq!(link_of(&world, "bo"), LinkState::Released);
    world
}

fn undo_again(world: &World, undone: &Undone) -> Undone {
    world.undo(Span::Cycles(vec![undone.cycle_id.unwrap()]))
}

/// Who has left the scope stays, and who is deleted in the source goes all the same.
#[test]
fn whoever_had_been_let_go_and_was_deleted_comes_back_and_is_not_kept() {
    let world = without_bo();
    let before = world.live_guests();
    world.person("bo").deleted();
    let cycle = world.cycle();
    assert_eq!(cycle.counts.deleted, 1);
    let undone = world.undo_cycle(&cycle);
    assert_eq!((undone.counts.restored, undone.let_go), (1, 1));
    assert_eq!(world.live_guests(), before);
    assert_eq!(link_of(&world, "bo"), LinkState::Released);
    // And the other way about, and back.
    let deleted = undo_again(&world, &undone);
    assert_eq!(deleted.counts.deleted, 1);
    assert_eq!(link_of(&world, "bo"), LinkState::SoftDeleted);
    undo_again(&world, &deleted);
    assert_eq!(world.live_guests(), before);
    assert_eq!(link_of(&world, "bo"), LinkState::Released);
}

#[test]
fn whoever_had_been_let_go_and_was_matched_anew_is_let_go_again() {
    let world = without_bo();
    world.secret("SkipOutOfScopeDeletions", "false");
    let before = world.live_guests();
    world.scope(None);
    world.restart("Full");
    let cycle = world.cycle();
    assert_eq!(link_of(&world, "bo"), LinkState::Live);
    let undone = world.undo_cycle(&cycle);
    assert_eq!((undone.let_go, undone.left_of), (1, 0));
    assert_eq!(world.live_guests(), before);
    let links = ["ana", "bo"].map(|name| link_of(&world, name));
    assert_eq!(links, [LinkState::Live, LinkState::Released]);
}

/// By a link that led to somebody else the job kept somebody else in step.
#[test]
fn whoever_was_linked_to_another_one_and_was_matched_anew_stays_linked_and_that_is_told() {
    let world = sales();
    let [ana, bo] = ["ana", "bo"].map(|name| world.live(name).id);
    link_to(&world, &[("ana", bo), ("bo", ana)]);
    world.restart("Full");
    let cycle = world.cycle();
    let undone = world.undo_cycle(&cycle);
    assert_eq!(undone.let_go, 0);
    for (_, why) in left(&undone) {
        assert!(why.starts_with("it stays linked"), "{why}");
    }
    assert_eq!(undone.left_of, 2);
    for name in ["ana", "bo"] {
        assert_eq!(link_of(&world, name), LinkState::Live);
    }
}

/// In place of being deleted.
#[test]
fn whoever_was_switched_off_and_let_go_with_that_is_switched_on_and_kept() {
    let world = sales();
    world.change_schema(|schema| {
        map(schema, "accountEnabled", "Not([IsSoftDeleted])");
        let users = &mut schema.synchronization_rules[0].object_mappings[0];
        let is_kept =
            |it: &AttributeMapping| it.target_attribute_name.as_deref() != Some("IsSoftDeleted");
        users.attribute_mappings.retain(is_kept);
    });
    world.cycle();
    let (before, kept) = (world.live_guests(), world.kept());
    world.scope_to("department", "Nobody's");
    let cycle = world.cycle();
    assert_eq!(cycle.counts.disabled, 2);
    assert_eq!(
        world.outcomes("ana").last(),
        Some(&EvidenceOutcome::Disabled)
    );
    assert_eq!(link_of(&world, "ana"), LinkState::Released);
    let undone = world.undo_cycle(&cycle);
    assert_eq!((undone.counts.updated, undone.left_of), (2, 0));
    assert_eq!((world.live_guests(), world.kept()), (before, kept));
    // And the other way about.
    let again = undo_again(&world, &undone);
    assert_eq!((again.counts.updated, again.let_go), (2, 2));
    assert!(!world.live("ana").is_enabled());
    assert_eq!(link_of(&world, "ana"), LinkState::Released);
}

/// An administrator of the target has taken cy out of the recycle bin, where the job had put him; then it lets go of him.
#[test]
fn whoever_was_not_kept_and_was_let_go_is_not_taken_up() {
    let world = sales();
    world.scope(None);
    world.cycle();
    world.scope_to("department", "Sales");
    assert_eq!(world.cycle().counts.deleted, 1);
    world.fabrikam_restores(world.target_user("cy").unwrap().id);
    world.secret("SkipOutOfScopeDeletions", "true");
    world.restart("Watermark");
    let cycle = world.cycle();
    assert_eq!(
        world.outcomes("cy").last(),
        Some(&EvidenceOutcome::Released)
    );
    let undone = world.undo_cycle(&cycle);
    assert_eq!((undone.counts, undone.left_of), (Counts::default(), 0));
    assert_eq!(link_of(&world, "cy"), LinkState::Released);
}
