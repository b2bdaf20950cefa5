//! Members and managers.

use syncline_engine::schema::FlowType;
use syncline_model::job::{Counts, CycleReport};
use syncline_runner::Span;

use super::sales;
use crate::matched_anew::link_to;
use crate::world::{World, left};

/// The group has ana and bo; ana is taken out and cy put in.
fn changed_group() -> (World, CycleReport) {
    let world = World::new().with_pages_of(2);
    world.groups_flow();
    let [ana, bo, cy] = ["ana", "bo", "cy"].map(|name| world.person(name));
    world.group("Team").with(&[ana, bo]);
    world.cycle();
    world.group("Team").without(ana).with(&[cy]);
    let cycle = world.cycle();
    assert_eq!(world.members_in_fabrikam("Team"), ["bo", "cy"]);
    (world, cycle)
}

#[test]
fn members_are_put_back() {
    let (world, cycle) = changed_group();
    let foreseen = world.foresee_undo(Span::Cycles(vec![cycle.cycle_id]));
    let undone = world.undo_cycle(&cycle);
    assert_eq!(world.members_in_fabrikam("Team"), ["ana", "bo"]);
    let set_and_removed = Counts {
        references_set: 1,
        references_removed: 1,
        ..Counts::default()
    };
    assert_eq!(
        (foreseen.counts, undone.counts),
        (set_and_removed, set_and_removed)
    );
    assert_eq!(foreseen.groups, undone.groups);
    let group = &undone.groups[0];
    assert_eq!(
        (group.name.as_str(), group.added, group.removed),
        ("Team", 1, 1)
    );
    assert_eq!(group.first_added, ["ana@contoso.example"]);
    assert_eq!((undone.groups_of, undone.left_of), (1, 0));

    let traces = world.traces();
    assert_eq!(world.undo_cycle(&cycle).counts, Counts::default());
    assert_eq!(world.traces(), traces);
    // And as the source has it when the job goes on.
    world.start();
    world.cycle();
    assert_eq!(world.members_in_fabrikam("Team"), ["bo", "cy"]);
}

#[test]
fn a_group_whose_members_come_in_several_pages_is_told_once() {
    let world = World::new().with_pages_of(2);
    world.groups_flow();
    let people = world.people("p", 5);
    world.group("Team");
    world.cycle();
    world.group("Team").with(&people);
    let cycle = world.cycle();
    let undone = world.undo_cycle(&cycle);
    assert_eq!((undone.groups_of, undone.groups[0].removed), (1, 5));
    assert_eq!(world.members_in_fabrikam("Team").len(), 0);
}

#[test]
fn what_was_undone_of_members_can_be_undone() {
    let (world, cycle) = changed_group();
    let undone = world.undo_cycle(&cycle);
    world.undo(Span::Cycles(vec![undone.cycle_id.unwrap()]));
    assert_eq!(world.members_in_fabrikam("Team"), ["bo", "cy"]);
}

/// What is undone has several entries in the log, and comes in several pages.
#[test]
fn more_members_than_an_entry_names_are_told_of_all() {
    let world = World::new().with_pages_of(110);
    world.groups_flow();
    let people = world.people("p", 101);
    world.group("Team").with(&people);
    world.cycle();
    people.iter().for_each(|it| {
        world.group("Team").without(*it);
    });
    let cycle = world.cycle();
    assert_eq!(world.members_in_fabrikam("Team").len(), 0);
    let undone = world.undo_cycle(&cycle);
    assert_eq!(world.members_in_fabrikam("Team").len(), 101);
    assert_eq!((undone.groups[0].added, undone.groups_of), (101, 1));
    world.undo(Span::Cycles(vec![undone.cycle_id.unwrap()]));
    assert_eq!(world.members_in_fabrikam("Team").len(), 0);
}

#[test]
fn members_whom_others_put_there_are_theirs() {
    let (world, cycle) = changed_group();
    let group = world.linked(world.group("Team").id).unwrap();
    let [ana, cy] = ["ana", "cy"].map(|name| world.live(name).id);
    world.fabrikam_adds_member(group, ana);
    world.fabrikam_removes_member(group, cy);
    world.fabrikam_adds_member(group, cy);
    let undone = world.undo_cycle(&cycle);
    assert_eq!(undone.counts, Counts::default());
    assert_eq!(world.members_in_fabrikam("Team"), ["ana", "bo", "cy"]);
    let left = left(&undone);
    assert_eq!(left.len(), 1);
    assert!(left[0].1.contains("added by somebody else"), "{left:?}");
}

#[test]
fn a_group_that_came_goes_and_one_that_went_comes_back_with_its_members() {
    let world = World::new().with_pages_of(2);
    world.groups_flow();
    let [ana, bo] = ["ana", "bo"].map(|name| world.person(name));
    world.group("Team").with(&[ana, bo]);
    world.cycle();
    world.clock.advance_seconds(60);
    let since = world.now();
    world.group("Team").deleted();
    world.group("New").with(&[ana]);
    world.cycle();
    let undone = world.undo_since(since);
    assert_eq!((undone.counts.deleted, undone.counts.restored), (1, 1));
    assert_eq!(undone.left, []);
    assert_eq!(world.members_in_fabrikam("Team"), ["ana", "bo"]);
}

#[test]
fn where_groups_are_not_let_in_any_more_their_members_stay_and_that_is_told() {
    let (world, cycle) = changed_group();
    world.fabrikam_lets_groups_in(false);
    let undone = world.undo_cycle(&cycle);
    assert_eq!(undone.counts, Counts::default());
    assert!(undone.left_of > 0);
    assert_eq!(world.members_in_fabrikam("Team"), ["bo", "cy"]);
}

#[test]
fn a_manager_who_was_replaced_or_taken_away_is_put_back() {
    let world = sales();
    world.person("dia").department("Sales").manager("ana");
    world.cycle();
    let before = world.live_guests();
    world.person("bo").manager("dia");
    world.person("dia").without_manager();
    let cycle = world.cycle();
    assert_eq!(world.live("bo").manager.as_deref(), Some("dia"));
    let undone = world.undo_cycle(&cycle);
    assert_eq!(undone.counts.references_set, 2);
    assert_eq!(undone.left, []);
    assert_eq!(world.live_guests(), before);
    let again = world.undo_cycle(&cycle);
    assert_eq!((again.counts, again.left_of), (Counts::default(), 0));
}

/// Dia had no manager, and a cycle has given her ana.
fn given_a_manager() -> (World, CycleReport) {
    let world = sales();
    world.person("dia").department("Sales");
    world.cycle();
    world.person("dia").manager("ana");
    let cycle = world.cycle();
    assert_eq!(world.live("dia").manager.as_deref(), Some("ana"));
    (world, cycle)
}

#[test]
fn a_manager_whom_somebody_was_given_who_had_none_is_taken_out() {
    let (world, cycle) = given_a_manager();
    let foreseen = world.foresee_undo(Span::Cycles(vec![cycle.cycle_id]));
    let undone = world.undo_cycle(&cycle);
    assert_eq!(world.live("dia").manager, None);
    let removed = Counts {
        references_removed: 1,
        ..Counts::default()
    };
    assert_eq!((foreseen.counts, undone.counts), (removed, removed));
    assert_eq!(foreseen.shown, undone.shown);
    let change = &undone.shown[0].changes[0];
    assert_eq!(change.name, "manager");
    assert_eq!(change.old.as_deref(), Some("ana@contoso.example"));
    assert_eq!(change.new, None);
    assert_eq!((undone.left_of, undone.attributes[0].cleared), (0, 1));
    let again = world.undo_cycle(&cycle);
    assert_eq!((again.counts, again.left_of), (Counts::default(), 0));

    // And the other way about, as often as one likes.
    let mut last = undone;
    for manager in [Some("ana"), None, Some("ana")] {
        last = world.undo(Span::Cycles(vec![last.cycle_id.unwrap()]));
        assert_eq!(world.live("dia").manager.as_deref(), manager);
        assert_eq!(last.left_of, 0);
    }
}

#[test]
fn a_manager_who_was_changed_or_taken_out_since_stays_so() {
    let (world, cycle) = given_a_manager();
    let [dia, bo] = ["dia", "bo"].map(|name| world.live(name).id);
    world.fabrikam_gives_manager(dia, bo);
    let undone = world.undo_cycle(&cycle);
    assert_eq!(undone.counts, Counts::default());
    let changed = [("dia@contoso.example", "its manager was changed since")];
    assert_eq!(left(&undone), changed);
    assert_eq!(world.live("dia").manager.as_deref(), Some("bo"));
    // Which is what there was before.
    world.fabrikam_takes_manager(dia);
    let undone = world.undo_cycle(&cycle);
    assert_eq!((undone.counts, undone.left_of), (Counts::default(), 0));
}

/// Dia's manager, cy, is in the target later than she is.
fn waited_for_a_manager(flow_type: FlowType) -> (World, CycleReport) {
    let world = sales();
    world.flow_type("manager", flow_type);
    world.person("dia").department("Sales").manager("cy");
    assert_eq!(world.cycle().counts.references_pending, 1);
    world.scope(None);
    let cycle = world.cycle();
    assert_eq!(world.live("dia").manager.as_deref(), Some("cy"));
    (world, cycle)
}

/// A reference that waited is written without asking who is in its place.
#[test]
fn a_manager_who_came_later_stays_and_that_is_told() {
    let (world, cycle) = waited_for_a_manager(FlowType::Always);
    let undone = world.undo_cycle(&cycle);
    let counts = (undone.counts.deleted, undone.counts.references_removed);
    assert_eq!(counts, (1, 0));
    let stays = "its manager stays: the log does not say who that was before, if there was one";
    assert_eq!(left(&undone), [("dia@contoso.example", stays)]);
    // The next cycle takes it out where the source has nobody.
    world.person("dia").without_manager();
    world.start();
    world.scope_to("department", "Sales");
    world.cycle();
    assert_eq!(world.live("dia").manager, None);
}

/// But for those that are given only while there is none.
#[test]
fn a_manager_who_came_later_and_is_given_to_whoever_has_none_is_taken_out() {
    let (world, cycle) = waited_for_a_manager(FlowType::AttributeAddOnly);
    let undone = world.undo_cycle(&cycle);
    let counts = (undone.counts.deleted, undone.counts.references_removed);
    assert_eq!((counts, undone.left_of), ((1, 1), 0));
    assert_eq!(world.live("dia").manager, None);
}

/// Of whom those in the recycle bin report to a target need not tell.
#[test]
fn a_manager_given_to_whoever_comes_back_stays_and_that_is_told() {
    let world = sales();
    world.person("dia").department("Sales");
    world.cycle();
    world.clock.advance_seconds(60);
    let since = world.now();
    world.person("dia").department("Legal");
    assert_eq!(world.cycle().counts.deleted, 1);
    world.person("dia").department("Sales").manager("ana");
    assert_eq!(world.cycle().counts.restored, 1);
    let undone = world.undo_since(since);
    let (name, why) = left(&undone)[0];
    assert_eq!(name, "dia@contoso.example");
    assert!(why.contains("its manager stays"), "{why}");
    assert_eq!(world.live("dia").manager.as_deref(), Some("ana"));
}

#[test]
fn a_manager_whom_fabrikam_took_out_since_stays_out() {
    let world = sales();
    world.person("dia").department("Sales");
    world.cycle();
    world.person("bo").manager("dia");
    let cycle = world.cycle();
    world.fabrikam_takes_manager(world.live("bo").id);
    let undone = world.undo_cycle(&cycle);
    assert_eq!(undone.counts, Counts::default());
    let changed = [("bo@contoso.example", "its manager was changed since")];
    assert_eq!(left(&undone), changed);
    assert_eq!(world.live("bo").manager, None);
}

#[test]
fn whom_somebody_refers_to_stays_while_they_are_in_the_recycle_bin() {
    let (world, cycle) = given_a_manager();
    let dia = world.live("dia").id;
    world.fabrikam_deletes(dia);
    let undone = world.undo_cycle(&cycle);
    assert_eq!(undone.counts, Counts::default());
    let why = "whom it refers to stays: it is in the recycle bin";
    assert_eq!(left(&undone), [("dia@contoso.example", why)]);
    world.fabrikam_restores(dia);
    assert_eq!(world.live("dia").manager.as_deref(), Some("ana"));
}

#[test]
fn the_manager_of_whom_another_job_keeps_in_step_is_left_to_it() {
    let (mut world, cycle) = given_a_manager();
    world.secret("SkipOutOfScopeDeletions", "true");
    world.scope_to("department", "Nobody's");
    world.cycle();
    let first = world.another_configuration();
    world.cycle_without_checks();
    world.speak_of(first);
    let undone = world.undo_cycle(&cycle);
    assert_eq!(undone.counts, Counts::default());
    let (name, why) = left(&undone)[0];
    assert_eq!(name, "dia@contoso.example");
    assert!(why.starts_with("whom it refers to stays: the job"), "{why}");
    assert_eq!(world.live("dia").manager.as_deref(), Some("ana"));
}

#[test]
fn nothing_is_written_by_a_link_to_another_one() {
    let (world, cycle) = given_a_manager();
    let bo = world.live("bo").id;
    let guests = world.live_guests();
    link_to(&world, &[("dia", bo)]);
    let undone = world.undo_cycle(&cycle);
    assert_eq!(undone.counts, Counts::default());
    let why = "the job has no link to it any more";
    assert_eq!(left(&undone), [("dia@contoso.example", why)]);
    assert_eq!(world.live_guests(), guests);
}
