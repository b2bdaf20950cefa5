use syncline_engine::evidence::EvidenceOutcome;
use syncline_model::Attr;
use syncline_model::job::Counts;
use syncline_model::link::LinkState;
use syncline_runner::Span;

use super::{link_of, overwriting_cycle, sales, wrong_cycle};
use crate::matched_anew::link_to;
use crate::world::{World, left};

#[test]
fn whoever_came_goes_and_whoever_went_comes_back_as_they_were() {
    let world = sales();
    let before = world.live_guests();
    let cycle = wrong_cycle(&world);
    assert_eq!(world.target_names(), ["cy"]);

    let undone = world.undo_cycle(&cycle);
    assert_eq!(
        undone.counts,
        Counts {
            deleted: 1,
            restored: 2,
            ..Counts::default()
        }
    );
    assert_eq!(
        (undone.left_of, undone.removals, undone.held),
        (0, 1, false)
    );
    assert_eq!(world.live_guests(), before, "ids, values and managers");
    assert!(!world.target_user("cy").unwrap().is_live());
    let links = ["ana", "bo", "cy"].map(|name| link_of(&world, name));
    assert_eq!(
        links,
        [LinkState::Live, LinkState::Live, LinkState::SoftDeleted]
    );
    let entries = world.stored_job().status.synchronized_entries;
    assert_eq!(entries.values().sum::<u64>(), 2);
    assert_eq!(
        world.outcomes("cy").last(),
        Some(&EvidenceOutcome::SoftDeleted)
    );
    assert_eq!(
        world.outcomes("bo").last(),
        Some(&EvidenceOutcome::Restored)
    );
    let cycles: Vec<_> = world.log_rows().iter().map(|row| row.cycle).collect();
    assert_eq!(cycles.last(), undone.cycle_id.as_ref());
}

#[test]
fn with_the_schema_from_before_nothing_is_left_to_do() {
    let world = sales();
    let good = world.schema();
    let cycle = wrong_cycle(&world);
    world.undo_cycle(&cycle);
    // As it is configured, the job would do it again; and its plan knows.
    let again = world.plan();
    assert_eq!((again.counts.restored, again.counts.deleted), (1, 2));
    world.change_schema(|schema| *schema = good);
    let planned = world.plan();
    let counts = planned.counts;
    assert_eq!((counts.updated, counts.deleted, counts.restored), (0, 0, 0));
    world.start();
    let before = world.live_guests();
    assert_eq!(world.cycle().counts, counts);
    assert_eq!(world.live_guests(), before);
}

#[test]
fn values_are_put_back_where_the_target_still_has_what_the_job_wrote() {
    let world = sales();
    world.person("ana").set(Attr::JOB_TITLE, "Head");
    world.cycle();
    let before = world.live_guests();
    let cycle = overwriting_cycle(&world);
    let theirs = world.live("bo").id;
    world.fabrikam_changes(theirs, Attr::DISPLAY_NAME, "Theirs");

    let foreseen = world.foresee_undo(Span::Cycles(vec![cycle.cycle_id]));
    let undone = world.undo_cycle(&cycle);
    assert_eq!(foreseen.counts, undone.counts);
    assert_eq!(
        (&foreseen.shown, &foreseen.left),
        (&undone.shown, &undone.left)
    );
    assert_eq!(undone.counts.updated, 2);
    let changed = [("bo@contoso.example", "displayName was changed since")];
    assert_eq!(left(&undone), changed);
    let ana = world.person("ana").id;
    assert_eq!(world.live_guests()[&ana], before[&ana]);
    let bo = world.live("bo");
    assert_eq!(bo.text(Attr::DISPLAY_NAME), "Theirs");
    // He had none.
    assert_eq!(bo.attrs().get(Attr::JOB_TITLE), None);
}

#[test]
fn the_values_of_whom_an_administrator_has_deleted_stay_and_that_is_told() {
    let world = sales();
    let cycle = overwriting_cycle(&world);
    world.fabrikam_deletes(world.live("ana").id);
    let undone = world.undo_cycle(&cycle);
    assert_eq!(undone.counts.updated, 1);
    let why = "it is in the recycle bin, where somebody else has put it";
    assert_eq!(left(&undone), [("ana@contoso.example", why)]);
    assert_eq!(world.target_names(), ["bo"]);
}

#[test]
fn whoever_was_switched_off_is_switched_on() {
    let world = sales();
    world.person("ana").disabled();
    let cycle = world.cycle();
    assert_eq!(cycle.counts.disabled, 1);
    let undone = world.undo_cycle(&cycle);
    assert_eq!(undone.counts.updated, 1);
    assert!(world.live("ana").is_enabled());
    // The source has it so still.
    assert_eq!(world.plan().counts.disabled, 1);
}

#[test]
fn of_several_cycles_the_values_from_before_the_first_count() {
    let world = sales().with_pages_of(1);
    let since = world.now();
    let before = world.live_guests();
    overwriting_cycle(&world);
    world.map("displayName", "\"Worse\"");
    world.cycle();
    let undone = world.undo_since(since);
    assert_eq!((undone.counts.updated, undone.left_of), (2, 0));
    assert_eq!(world.live_guests(), before);
}

/// A cycle takes up whom the job had let go.
#[test]
fn whoever_was_taken_up_is_let_go_with_the_values_from_before() {
    let world = sales();
    world.secret("SkipOutOfScopeDeletions", "true");
    world.person("bo").department("Legal");
    world.cycle();
    world.secret("SkipOutOfScopeDeletions", "false");
    world.cycle();
    assert_eq!(link_of(&world, "bo"), LinkState::Released);
    let before = world.live_guests();
    world.scope(None);
    world.map("displayName", "\"Wrong\"");
    let cycle = world.cycle();
    assert_eq!(link_of(&world, "bo"), LinkState::Live);

    let undone = world.undo_cycle(&cycle);
    assert_eq!((undone.let_go, undone.counts.deleted), (1, 1));
    assert_eq!(world.live_guests(), before);
    assert_eq!(link_of(&world, "bo"), LinkState::Released);
    assert_eq!(link_of(&world, "ana"), LinkState::Live);
}

/// A cycle takes up whom the job had let go, and the next one deletes him.
#[test]
fn whoever_was_taken_up_and_deleted_comes_back_and_is_let_go() {
    let world = sales();
    world.secret("SkipOutOfScopeDeletions", "true");
    world.person("bo").department("Legal");
    world.cycle();
    world.secret("SkipOutOfScopeDeletions", "false");
    world.cycle();
    assert_eq!(link_of(&world, "bo"), LinkState::Released);
    let before = world.live_guests();
    world.clock.advance_seconds(60);
    let since = world.now();
    world.scope(None);
    world.cycle();
    world.scope_to("department", "Sales");
    assert_eq!(world.cycle().counts.deleted, 2);

    let undone = world.undo_since(since);
    assert_eq!((undone.counts.restored, undone.let_go), (1, 1));
    assert_eq!(world.live_guests(), before);
    assert_eq!(link_of(&world, "bo"), LinkState::Released);
    let entries = world.stored_job().status.synchronized_entries;
    assert_eq!(entries.values().sum::<u64>(), 1);
    let again = world.undo_since(since);
    assert_eq!((again.counts, again.let_go), (Counts::default(), 0));
    assert_eq!(again.left, []);
    // And the other way about.
    world.undo(Span::Cycles(vec![undone.cycle_id.unwrap()]));
    assert!(!world.guests()[&world.person("bo").id].is_live());
}

/// A restart that matches everybody anew takes up nobody who was kept in step all along.
#[test]
fn whoever_was_matched_anew_is_kept_in_step_still() {
    let world = sales();
    let before = world.live_guests();
    world.map("displayName", "\"Wrong\"");
    world.person("bo").manager("cy");
    world.scope(None);
    world.restart("Full");
    let cycle = world.cycle();
    assert_eq!((cycle.counts.created, cycle.counts.updated), (1, 2));
    let undone = world.undo_cycle(&cycle);
    let counts = (undone.let_go, undone.counts.updated, undone.counts.deleted);
    assert_eq!(counts, (0, 2, 1));
    assert_eq!(world.live_guests(), before);
    for name in ["ana", "bo"] {
        assert_eq!(link_of(&world, name), LinkState::Live);
    }
    // Nothing differs, and nobody is let go of either.
    world.start();
    world.scope_to("department", "Sales");
    world.map("displayName", "[displayName]");
    world.cycle();
    world.restart("Full");
    let cycle = world.cycle();
    let undone = world.undo_cycle(&cycle);
    assert_eq!((undone.let_go, undone.counts), (0, Counts::default()));
    assert_eq!(link_of(&world, "ana"), LinkState::Live);
}

/// And the other way about: a cycle lets go whom the job had kept.
#[test]
fn whoever_was_let_go_is_kept_in_step_again() {
    let world = sales();
    world.secret("SkipOutOfScopeDeletions", "true");
    world.scope_to("department", "Legal");
    let cycle = world.cycle();
    assert_eq!(link_of(&world, "ana"), LinkState::Released);
    world.undo_cycle(&cycle);
    assert_eq!(link_of(&world, "ana"), LinkState::Live);
    assert_eq!(world.target_names(), ["ana", "bo"]);
}

/// What came by the cycle that is undone is deleted only while it is the job's.
#[test]
fn whoever_came_and_was_let_go_since_stays() {
    let world = sales();
    world.scope(None);
    let came = world.cycle();
    assert_eq!(came.counts.created, 1);
    world.secret("SkipOutOfScopeDeletions", "true");
    world.scope_to("department", "Sales");
    world.cycle();
    assert_eq!(link_of(&world, "cy"), LinkState::Released);
    let undone = world.undo_cycle(&came);
    assert_eq!(undone.counts, Counts::default());
    let let_go = [("cy@contoso.example", "the job has let go of it since")];
    assert_eq!(left(&undone), let_go);
    assert!(world.target_user("cy").unwrap().is_live());
}

#[test]
fn whoever_came_and_was_taken_out_of_the_recycle_bin_stays() {
    let world = sales();
    world.scope(None);
    let came = world.cycle();
    world.scope_to("department", "Sales");
    assert_eq!(world.cycle().counts.deleted, 1);
    world.fabrikam_restores(world.target_user("cy").unwrap().id);
    let undone = world.undo_cycle(&came);
    assert_eq!(undone.counts, Counts::default());
    let why = "it was taken out of the recycle bin since";
    assert_eq!(left(&undone), [("cy@contoso.example", why)]);
    assert!(world.target_user("cy").unwrap().is_live());
}

/// There he is where the undo would have put him, and the link says so.
#[test]
fn whoever_came_and_was_deleted_by_an_administrator_is_as_before() {
    let world = sales();
    world.scope(None);
    let came = world.cycle();
    world.fabrikam_deletes(world.live("cy").id);
    assert_eq!(link_of(&world, "cy"), LinkState::Live);
    let undone = world.undo_cycle(&came);
    assert_eq!((undone.counts, undone.already), (Counts::default(), 1));
    assert_eq!(link_of(&world, "cy"), LinkState::SoftDeleted);
    let entries = world.stored_job().status.synchronized_entries;
    assert_eq!(entries.values().sum::<u64>(), 2);
}

#[test]
fn whoever_came_and_is_linked_to_another_one_stays() {
    let world = sales();
    world.scope(None);
    let came = world.cycle();
    let guests = world.live_guests();
    link_to(&world, &[("cy", world.live("ana").id)]);
    let undone = world.undo_cycle(&came);
    assert_eq!(undone.counts, Counts::default());
    let why = "the job has no link to it any more";
    assert_eq!(left(&undone), [("cy@contoso.example", why)]);
    assert_eq!(world.live_guests(), guests);
}

#[test]
fn whoever_was_made_more_than_once_stays() {
    let world = sales();
    world.clock.advance_seconds(60);
    let since = world.now();
    world.scope(None);
    world.cycle();
    let first = world.live("cy").id;
    world.fabrikam_deletes(first);
    world.fabrikam_purges(first);
    world.person("cy").set(Attr::JOB_TITLE, "Head");
    assert_eq!(world.cycle().counts.created, 1);
    let undone = world.undo_since(since);
    assert_eq!(undone.counts, Counts::default());
    let (name, why) = left(&undone)[0];
    assert_eq!(name, "cy@contoso.example");
    assert!(why.starts_with("it was made more than once"), "{why}");
    assert_ne!(world.live("cy").id, first);
}

#[test]
fn what_can_not_come_back_is_told_and_stops_nobody() {
    let world = sales();
    world.person("dia").department("Sales");
    world.cycle();
    let ana = world.live("ana").id;
    let cycle = {
        world.scope_to("department", "Legal");
        world.cycle()
    };
    assert_eq!(cycle.counts.deleted, 3);
    world.fabrikam_purges(ana);
    // Somebody else has bo's address by now.
    world.internal_user_of_fabrikam("bo@contoso.example");
    let undone = world.undo_cycle(&cycle);
    assert_eq!((undone.counts.restored, undone.left_of), (1, 2));
    let left = left(&undone);
    assert_eq!(
        left[0],
        (
            "ana@contoso.example",
            "it is not in the target that the job leads to: it was deleted for good there, or it is in the one that the job led to then"
        )
    );
    assert_eq!(left[1].0, "bo@contoso.example");
    assert!(left[1].1.contains("is taken in the target"), "{left:?}");
    assert_eq!(world.target_names(), ["dia"]);
    assert!(!world.guests()[&world.person("bo").id].is_live());
}

/// Of another target it is not said that all is as it was before.
#[test]
fn what_the_job_does_not_lead_to_any_more_is_told() {
    let world = sales();
    world.scope(None);
    let came = world.cycle();
    assert_eq!(came.counts.created, 1);
    let tailspin = world.tailspin();
    world.secret("CompanyId", &tailspin.to_string());
    let undone = world.undo_cycle(&came);
    assert_eq!((undone.already, undone.left_of), (0, 1));
    let (name, why) = left(&undone)[0];
    assert_eq!(name, "cy@contoso.example");
    assert!(why.contains("the one that the job led to then"), "{why}");
}

/// Names go from one to another, and back.
#[test]
fn whoever_has_the_name_of_another_gives_it_back_first() {
    let world = World::new().with_pages_of(1);
    for name in ["ana", "bo", "cy"] {
        world.person(name);
    }
    world.cycle();
    let before = world.live_guests();
    world.person("ana").renamed("other");
    world.person("bo").renamed("ana");
    world.person("cy").renamed("bo");
    world.cycle();
    let since = world.stored_job().status.last_execution.unwrap().began;
    assert_ne!(world.live_guests(), before);
    let undone = world.undo_since(since);
    assert_eq!(undone.left, []);
    let mail = |name: &str| {
        let id = world.person(name).id;
        [&world.live_guests()[&id], &before[&id]].map(|it| it.text(Attr::MAIL).to_owned())
    };
    for name in ["ana", "bo", "cy"] {
        let [now, then] = mail(name);
        assert_eq!(now, then, "{name}");
    }
}

#[test]
fn what_another_job_keeps_in_step_is_left_to_it() {
    let mut world = sales();
    world.secret("SkipOutOfScopeDeletions", "true");
    world.scope_to("department", "Nobody's");
    let released = world.cycle();
    // Whom the first job has let go the second one takes over.
    let first = world.another_configuration();
    world.cycle_without_checks();
    world.speak_of(first);
    let guests = world.live_guests();
    let undone = world.undo_cycle(&released);
    assert_eq!(undone.counts, Counts::default());
    assert_eq!(undone.left_of, 2);
    for (_, why) in left(&undone) {
        assert!(why.ends_with("keeps it in step"), "{why}");
    }
    assert_eq!(world.live_guests(), guests);
    assert_eq!(link_of(&world, "ana"), LinkState::Released);
}
