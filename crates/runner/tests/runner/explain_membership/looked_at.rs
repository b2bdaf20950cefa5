//! Ends that are to leave the target: what is decided of them comes first only where the next cycle looks at them.

use syncline_engine::{Operation, SEMANTICS};
use syncline_model::{Attr, Clock as _, Timestamp};
use syncline_runner::{MembershipVerdict as Verdict, Verdict as OfEnd, Which};
use syncline_store::Escrow;

use super::{DAY, explain, verdict, world};
use crate::continuous::MINUTE;
use crate::extensions::Pair;
use crate::world::World;

#[test]
fn whose_end_is_to_be_removed_is_told_to_wait_for_that() {
    let world = world();
    world.scope_to("department", "Sales");
    let [ana, bo, cleo] = ["ana", "bo", "cleo"].map(|name| world.person(name).department("Sales"));
    let group = world.group("Team").with(&[ana, cleo]);
    world.cycle();
    // She left the group, and then Contoso.
    group.without(ana);
    ana.deleted();
    // He has joined it, and leaves the scope.
    group.with(&[bo]);
    bo.department("Other");
    for name in ["ana", "bo"] {
        assert_eq!(verdict(&world, name, "Team"), Verdict::Undecided, "{name}");
    }
    world.cycle();
    let explained = explain(&world, "ana", "Team");
    assert_eq!(explained.verdict, Verdict::NotMember);
    assert_eq!(explained.in_target, None);
    assert_eq!(verdict(&world, "bo", "Team"), Verdict::MemberNotThere);
    // Nobody leaves what is to be removed itself.
    group.without(cleo).deleted();
    assert_eq!(verdict(&world, "cleo", "Team"), Verdict::Undecided);
    world.cycle();
    assert_eq!(verdict(&world, "cleo", "Team"), Verdict::NotMember);
}

/// What would be decided of whoever leaves comes first only where the next cycle looks at them.
#[test]
fn whose_removal_has_failed_gets_into_a_group_until_it_is_tried_again() {
    let world = world();
    world.scope_to("department", "Sales");
    let [ana, bo] = ["ana", "bo"].map(|name| world.person(name).department("Sales"));
    let (group, other) = (world.group("Team").with(&[bo]), world.group("Other"));
    world.cycle();
    world.target_refuses(|it| matches!(it, Operation::SoftDelete { .. }));
    ana.department("Other");
    world.cycle();
    assert_eq!(explain(&world, "ana", "Team").member.verdict, OfEnd::Failed);
    group.with(&[ana]);
    assert_eq!(verdict(&world, "ana", "Team"), Verdict::Due);
    world.cycle();
    assert_eq!(world.members_in_fabrikam("Team"), ["ana", "bo"]);

    other.with(&[ana]);
    assert_eq!(verdict(&world, "ana", "Other"), Verdict::Due);
    world.target_is_well();
    world.clock.advance_seconds(DAY);
    assert_eq!(verdict(&world, "ana", "Other"), Verdict::Undecided);
    world.cycle();
    assert!(world.members_in_fabrikam("Other").is_empty());
}

#[test]
fn a_group_whose_removal_has_failed_gets_members_until_it_is_tried_again() {
    let world = world();
    world.sync_assigned();
    let [ana, bo] = ["ana", "bo"].map(|name| world.person(name).assigned());
    let group = world.group("Team").with(&[ana]).assigned();
    world.cycle();
    world.target_refuses(|it| matches!(it, Operation::SoftDelete { .. }));
    group.unassigned();
    world.cycle();
    assert_eq!(explain(&world, "ana", "Team").group.verdict, OfEnd::Failed);
    group.with(&[bo]);
    assert_eq!(verdict(&world, "bo", "Team"), Verdict::Due);
    world.cycle();
    assert_eq!(world.members_in_fabrikam("Team"), ["ana", "bo"]);
    group.without(ana);
    assert_eq!(verdict(&world, "ana", "Team"), Verdict::Due);
    world.clock.advance_seconds(DAY);
    assert_eq!(verdict(&world, "ana", "Team"), Verdict::Undecided);
}

/// No cycle looks at her because she joins a group that decides of nobody.
#[test]
fn who_was_switched_on_in_the_target_gets_into_a_group_as_she_is() {
    let world = world();
    let ana = world.person("ana");
    let (group, other) = (world.group("Team"), world.group("Other"));
    world.cycle();
    ana.disabled();
    world.cycle();
    world.fabrikam_changes(world.live("ana").id, Attr::ACCOUNT_ENABLED, true);
    group.with(&[ana]);
    assert_eq!(verdict(&world, "ana", "Team"), Verdict::Due);
    world.cycle();
    assert_eq!(world.members_in_fabrikam("Team"), ["ana"]);
    // A cycle that goes through everybody, or whom a change of the configuration concerns, switches her off first.
    other.with(&[ana]);
    world.map("city", "\"Bern\"");
    assert_eq!(verdict(&world, "ana", "Other"), Verdict::Undecided);
    world.restart("Watermark");
    assert_eq!(verdict(&world, "ana", "Other"), Verdict::Undecided);
}

/// Sales, which Ana has left, and whose account could not be deleted.
fn with_failed_removal() -> World {
    let world = world();
    fail_removal(&world);
    world
}

fn fail_removal(world: &World) {
    world.scope_to("department", "Sales");
    let [ana, bo] = ["ana", "bo"].map(|name| world.person(name).department("Sales"));
    world.group("Team").with(&[bo]);
    world.cycle();
    world.target_refuses(|it| matches!(it, Operation::SoftDelete { .. }));
    ana.department("Other");
    world.cycle();
}

fn failed(world: &World) -> Escrow {
    let (tenant, ana) = (world.contoso.id, world.person("ana").id);
    let rows = world
        .store
        .read(|reader| reader.escrows_for(tenant, &world.job, &[ana]));
    rows.unwrap().remove(0).unwrap()
}

/// The next cycle is due a while after the failed removal is.
fn let_the_next_one_try(world: &World) {
    let mut job = world.stored_job();
    let at = failed(world).next_attempt;
    assert!(at > world.clock.now());
    job.next_due = Some(at.plus_seconds(10 * MINUTE));
    world.store.write(|tx| tx.update_job(&job)).unwrap();
}

/// It begins when it is due.
fn wait(world: &World, until: Timestamp) {
    let wait = until.milliseconds_since(world.clock.now()) / 1000;
    world
        .clock
        .advance_seconds(i64::try_from(wait).unwrap() + 1);
}

#[test]
fn what_becomes_due_before_the_next_cycle_is_tried_by_it() {
    let world = with_failed_removal();
    let_the_next_one_try(&world);
    world.target_is_well();
    world.group("Team").with(&[world.person("ana")]);
    let told = explain(&world, "ana", "Team");
    let next = (told.verdict, told.next);
    assert_eq!(next, (Verdict::Undecided, Some(Which::Scheduled)));
    wait(&world, world.next_due().unwrap());
    world.cycle_at_once();
    assert_eq!(world.members_in_fabrikam("Team"), ["bo"]);
}

/// A cycle in between follows changes only.
#[test]
fn what_is_due_is_left_to_the_scheduled_cycle_where_changes_are_followed_first() {
    let world = with_failed_removal();
    world.continuous("true");
    let_the_next_one_try(&world);
    world.target_is_well();
    let wait = failed(&world)
        .next_attempt
        .milliseconds_since(world.clock.now())
        / 1000;
    world
        .clock
        .advance_seconds(i64::try_from(wait).unwrap() + 1);
    assert!(world.clock.now() < world.next_due().unwrap());
    world.group("Team").with(&[world.person("ana")]);
    let told = explain(&world, "ana", "Team");
    let next = (told.verdict, told.next);
    assert_eq!(next, (Verdict::Due, Some(Which::Following)));
    world.follow().unwrap();
    assert_eq!(world.members_in_fabrikam("Team"), ["ana", "bo"]);
}

#[test]
fn everybody_is_looked_at_where_the_program_reads_the_schema_otherwise() {
    let world = with_failed_removal();
    world.target_is_well();
    world.group("Team").with(&[world.person("ana")]);
    assert_eq!(verdict(&world, "ana", "Team"), Verdict::Due);
    let mut job = world.stored_job();
    job.semantics = SEMANTICS - 1;
    world.store.write(|tx| tx.update_job(&job)).unwrap();
    assert_eq!(verdict(&world, "ana", "Team"), Verdict::Undecided);
    world.cycle();
    assert_eq!(world.members_in_fabrikam("Team"), ["bo"]);
}

#[test]
fn so_it_is_where_an_extension_that_the_schema_names_is_another_one() {
    let pair = Pair::new();
    let world = &pair.world;
    world.groups_flow();
    fail_removal(world);
    world.target_is_well();
    world.group("Team").with(&[world.person("ana")]);
    assert_eq!(verdict(world, "ana", "Team"), Verdict::Due);
    pair.code_is_another_one();
    assert_eq!(verdict(world, "ana", "Team"), Verdict::Undecided);
    world.cycle();
    assert_eq!(world.members_in_fabrikam("Team"), ["bo"]);
}
