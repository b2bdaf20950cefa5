//! Nobody is deleted, and `[IsSoftDeleted]` is mapped to an attribute: whoever leaves is switched off.

use syncline_engine::SkipReason;
use syncline_engine::evidence::{EvidenceOutcome, Keeping};
use syncline_engine::schema::{AttributeMapping, FlowTypes};
use syncline_model::Attr;
use syncline_model::job::Counts;
use syncline_runner::Span;

use crate::world::{World, map};

/// Four who are assigned, and in the target.
fn world() -> World {
    let world = World::new();
    world.sync_assigned();
    world.change_schema(|schema| {
        map(schema, "accountEnabled", "Not([IsSoftDeleted])");
        let users = &mut schema.synchronization_rules[0].object_mappings[0];
        let is_kept =
            |it: &AttributeMapping| it.target_attribute_name.as_deref() != Some("IsSoftDeleted");
        users.attribute_mappings.retain(is_kept);
    });
    for person in world.people("p", 4) {
        person.assigned();
    }
    assert_eq!(world.cycle().counts.created, 4);
    world
}

fn everybody_leaves(world: &World) {
    for name in ["p0", "p1", "p2"] {
        world.person(name).unassigned();
    }
    world.person("p3").deleted();
}

fn counts(change: impl FnOnce(&mut Counts)) -> Counts {
    let mut counts = Counts::default();
    change(&mut counts);
    counts
}

#[test]
fn whoever_leaves_is_switched_off_and_let_go() {
    let world = world();
    everybody_leaves(&world);
    let planned = world.plan();
    let report = world.cycle();
    assert_eq!(report.counts, counts(|it| it.disabled = 4));
    assert_eq!(planned.counts, report.counts);
    assert_eq!(planned.removals, 4);
    assert!(planned.shown.iter().all(|it| it.action == "disable"));
    for name in ["p0", "p1", "p2", "p3"] {
        assert!(!world.live(name).is_enabled());
    }
    let disabled = |it: &&syncline_engine::Evidence| it.outcome == EvidenceOutcome::Disabled;
    assert_eq!(world.log().iter().filter(disabled).count(), 4);
    // Each is told to be let go of with that.
    let (before, after) = (true, false);
    let released = |it: &&syncline_engine::Evidence| it.keeping == Some(Keeping { before, after });
    assert_eq!(world.log().iter().filter(released).count(), 4);
    assert_eq!(
        world
            .stored_job()
            .status
            .synchronized_entries
            .values()
            .sum::<u64>(),
        0
    );
    assert_eq!(world.cycle().counts, Counts::default());
    // Also when everybody is read anew nothing is left to do.
    let before = world.traces();
    world.restart("Watermark");
    let report = world.cycle();
    assert_eq!((report.counts.disabled, report.counts.updated), (0, 0));
    assert_eq!(world.traces(), before);
}

/// Nothing is deleted without the mapping of `IsSoftDeleted` but that which is gone in the source for good.
#[test]
fn whoever_is_purged_is_deleted_for_good_unless_the_delete_action_is_off() {
    let world = world();
    world.person("p3").deleted();
    assert_eq!(world.cycle().counts, counts(|it| it.disabled = 1));
    world.person("p3").purged();
    world.person("p2").deleted().purged();
    assert_eq!(world.cycle().counts, counts(|it| it.deleted = 2));
    assert_eq!(world.target_user("p3"), None);
    assert_eq!(world.target_user("p2"), None);
}

/// With it off nobody is deleted, and whoever is purged before a cycle has seen him deleted is switched off all the same.
#[test]
fn whoever_is_purged_at_once_is_switched_off_where_the_delete_action_is_off() {
    let world = world();
    world.threshold(1);
    world.change_schema(|schema| {
        let users = &mut schema.synchronization_rules[0].object_mappings[0];
        users.flow_types = FlowTypes("Add,Update".to_owned());
    });
    world.cycle();
    world.person("p0").deleted().purged();
    let planned = world.plan();
    assert_eq!(planned.removals, 1);
    assert_eq!(world.cycle().counts, counts(|it| it.staged = 1));
    assert!(world.live("p0").is_enabled());
    world.restart("ForceDeletes");
    assert_eq!(world.cycle().counts, counts(|it| it.disabled = 1));
    assert!(!world.live("p0").is_enabled());
    assert_eq!(world.cycle().counts, Counts::default());
    assert!(!world.live("p0").is_enabled());
}

#[test]
fn it_comes_to_the_deletion_gate() {
    let world = world();
    world.threshold(4);
    everybody_leaves(&world);
    assert_eq!(world.cycle().counts, counts(|it| it.staged = 4));
    assert!(world.live("p0").is_enabled());
    world.restart("ForceDeletes");
    assert_eq!(world.cycle().counts, counts(|it| it.disabled = 4));
}

#[test]
fn whoever_comes_back_is_switched_on() {
    let world = world();
    everybody_leaves(&world);
    world.cycle();
    world.person("p0").assigned();
    world.person("p3").restored();
    assert_eq!(world.cycle().counts.updated, 2);
    assert!(world.live("p0").is_enabled() && world.live("p3").is_enabled());
    world.person("p0").set(Attr::JOB_TITLE, "Clerk");
    assert_eq!(world.cycle().counts.updated, 1, "kept in step again");
}

#[test]
fn whoever_leaves_is_kept_in_step_again_when_that_is_undone() {
    let world = world();
    let before = (world.kept(), world.live_guests());
    everybody_leaves(&world);
    let cycle = world.cycle();
    assert_eq!(world.kept().len(), 0);
    let undone = world.undo_cycle(&cycle);
    let counts = (undone.counts.updated, undone.let_go, undone.left_of);
    assert_eq!(counts, (4, 0, 0));
    assert_eq!((world.kept(), world.live_guests()), before);
    // As the source has it, all of them are to be switched off, and nobody is forgotten.
    world.start();
    assert_eq!(world.cycle().counts.disabled, 4);
    for name in ["p0", "p1", "p2", "p3"] {
        assert!(!world.live(name).is_enabled());
    }
    assert_eq!(world.cycle().counts, Counts::default());
}

/// What is changed is no removal: it does not wait until it is counted.
#[test]
fn whoever_leaves_and_is_changed_is_told_to_be_let_go_with_that() {
    let world = world();
    world.map("accountEnabled", "[accountEnabled]");
    world.map("jobTitle", "IIF([IsSoftDeleted], \"Left\", \"Here\")");
    world.cycle();
    let kept = world.kept();
    world.person("p0").unassigned();
    let cycle = world.cycle();
    assert_eq!(cycle.counts, counts(|it| it.updated = 1));
    let told = world.log().pop().unwrap();
    let updated = EvidenceOutcome::Updated { adopted: false };
    assert_eq!(
        (told.source, told.outcome),
        (world.person("p0").id, updated)
    );
    let (before, after) = (true, false);
    assert_eq!(told.keeping, Some(Keeping { before, after }));
    assert_eq!(told.modified.len(), 1);
    assert!(!told.scoping.unwrap().has_role);
    assert_eq!(world.live("p0").text(Attr::JOB_TITLE), "Left");
    // Whoever is let go of already, and is changed once more, is not let go of again.
    world.person("p0").deleted();
    world.map("jobTitle", "IIF([IsSoftDeleted], \"Gone\", \"Here\")");
    let later = world.cycle();
    assert_eq!(later.counts, counts(|it| it.updated = 1));
    let (before, after) = (false, false);
    let told = world.log().pop().unwrap();
    assert_eq!(told.keeping, Some(Keeping { before, after }));

    world.undo(Span::Cycles(vec![cycle.cycle_id, later.cycle_id]));
    assert_eq!(world.kept(), kept);
    assert_eq!(world.live("p0").text(Attr::JOB_TITLE), "Here");
}

/// Whom another job keeps in step by now is its business.
#[test]
fn whoever_was_handed_over_is_left_to_the_other_job() {
    let mut world = world();
    world.secret("SkipOutOfScopeDeletions", "true");
    world.person("p0").unassigned();
    world.cycle();
    let first = world.another_configuration();
    world.cycle();
    let second = world.speak_of(first);
    world.person("p0").deleted();
    assert_eq!(world.cycle().counts.disabled, 0);
    assert!(world.live("p0").is_enabled());
    // Nothing was written, and the log tells of nothing.
    let told = world.log().pop().unwrap();
    let handed_over = EvidenceOutcome::Skipped(SkipReason::HandedOver);
    assert_eq!(
        (told.source, told.outcome),
        (world.person("p0").id, handed_over)
    );
    assert!(told.modified.is_empty(), "{:?}", told.modified);
    world.speak_of(second);
    assert_eq!(world.cycle().counts.deleted, 1);
}

/// Whoever is disabled is asked to leave by the mapping of `IsSoftDeleted`, and nothing is deleted.
fn asked_to_leave(change: impl FnOnce(&World)) -> World {
    let world = World::new();
    let leaves = r#"Switch([accountEnabled], [IsSoftDeleted], "False", "True")"#;
    world.map("IsSoftDeleted", leaves);
    change(&world);
    world.people("p", 3);
    assert_eq!(world.cycle().counts.created, 3);
    world
}

fn without_delete(world: &World) {
    world.change_schema(|schema| {
        let users = &mut schema.synchronization_rules[0].object_mappings[0];
        users.flow_types = FlowTypes("Add,Update".to_owned());
    });
}

fn keeping(world: &World) {
    world.secret("SkipOutOfScopeDeletions", "true");
}

/// Somebody in scope whom a mapping asks to leave would keep an enabled account otherwise.
#[test]
fn whoever_is_asked_to_leave_is_switched_off_while_deletions_are_off() {
    for off in [without_delete as fn(&World), keeping] {
        let world = asked_to_leave(off);
        world.threshold(1);
        world.person("p0").disabled();
        let planned = world.plan();
        assert_eq!((planned.removals, planned.held), (1, true));
        assert_eq!(planned.shown[0].action, "disable");
        assert_eq!(world.cycle().counts, counts(|it| it.staged = 1));
        assert!(world.live("p0").is_enabled());
        world.restart("ForceDeletes");
        let planned = world.plan();
        let report = world.cycle();
        assert_eq!(report.counts, counts(|it| it.disabled = 1));
        assert_eq!(planned.counts, report.counts);
        assert!(!world.live("p0").is_enabled());

        let before = world.traces();
        assert_eq!(world.cycle().counts, Counts::default());
        world.restart("Watermark");
        let again = world.cycle().counts;
        assert_eq!((again.disabled, again.updated), (0, 0));
        assert_eq!(world.traces(), before);

        world.person("p0").enabled();
        assert_eq!(world.cycle().counts, counts(|it| it.updated = 1));
        assert!(world.live("p0").is_enabled());
    }
}
