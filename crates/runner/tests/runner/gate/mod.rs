//! The accidental-deletion gate, and sources that are suddenly short.

mod force_deletes;
mod lapsed;
mod short_source;

use syncline_engine::evidence::EvidenceOutcome;
use syncline_model::job::{Counts, CycleState};

use crate::world::World;

/// Ten people in Fabrikam; the gate closes at three.
fn ten_people() -> World {
    let world = World::new();
    world.threshold(3);
    world.people("p", 10);
    assert_eq!(world.cycle().counts.created, 10);
    world
}

fn quarantine_reason(world: &World) -> Option<String> {
    world.stored_job().status.quarantine.map(|it| it.reason)
}

#[test]
fn below_the_threshold_deletes_go_through() {
    let world = ten_people();
    world.person("p0").deleted();
    world.person("p1").disabled();
    let report = world.cycle();
    assert_eq!(
        report.counts,
        Counts {
            deleted: 1,
            disabled: 1,
            ..Counts::default()
        }
    );
    assert_eq!(quarantine_reason(&world), None);
}

#[test]
fn at_the_threshold_all_are_held_and_everything_else_goes_on() {
    let world = ten_people();
    world.person("p0").deleted();
    world.person("p1").disabled();
    world.person("p2").deleted().purged();
    world.person("p3").department("Sales");
    let report = world.cycle();
    assert_eq!(
        report.counts,
        Counts {
            staged: 3,
            updated: 1,
            ..Counts::default()
        }
    );
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(world.target_names().len(), 10);
    assert!(world.live("p1").is_enabled());
    assert_eq!(world.live("p3").department(), "Sales");
    assert_eq!(quarantine_reason(&world).as_deref(), Some("TooManyDeletes"));

    // Held again in every cycle, logged once.
    world.cycle();
    world.person("p0").restored().deleted();
    world.restart("Watermark");
    assert_eq!(world.cycle().counts.staged, 3);
    for name in ["p0", "p1", "p2"] {
        let staged = world
            .outcomes(name)
            .into_iter()
            .filter(|it| *it == EvidenceOutcome::Staged);
        assert_eq!(staged.count(), 1, "{name}");
    }
}

#[test]
fn held_deletes_lapse_when_the_source_changes_its_mind() {
    let world = ten_people();
    for name in ["p0", "p1", "p2"] {
        world.person(name).deleted();
    }
    world.cycle();
    world.person("p0").restored();
    let report = world.cycle();
    assert_eq!(
        report.counts,
        Counts {
            deleted: 2,
            unchanged: 1,
            ..Counts::default()
        }
    );
    assert_eq!(quarantine_reason(&world), None);
    assert_eq!(world.target_names().len(), 8);
}

#[test]
fn the_gate_can_be_switched_off() {
    let world = ten_people();
    world.secret(
        "SyncNotificationSettings",
        r#"{"DeleteThresholdEnabled":false}"#,
    );
    for name in ["p0", "p1", "p2", "p3"] {
        world.person(name).deleted();
    }
    assert_eq!(world.cycle().counts.deleted, 4);
}

#[test]
fn the_jobs_own_threshold_holds_where_it_is_the_stricter_one() {
    let world = ten_people();
    let threshold = || {
        let it = world.plan().threshold;
        (it.enabled, it.value, it.problem)
    };
    world.set("QuarantineTooManyDeletesThreshold", "500");
    assert_eq!(threshold(), (true, 3, None));
    world.set("QuarantineTooManyDeletesThreshold", "2");
    assert_eq!(threshold(), (true, 2, None));
    for name in ["p0", "p1"] {
        world.person(name).deleted();
    }
    assert!(world.plan().held);
    assert_eq!(world.cycle().counts.staged, 2);
    assert_eq!(quarantine_reason(&world).as_deref(), Some("TooManyDeletes"));
    // Whoever asked for it is not passed over by the switch of the other one.
    world.secret(
        "SyncNotificationSettings",
        r#"{"DeleteThresholdEnabled":false}"#,
    );
    assert_eq!(world.cycle().counts.staged, 2);
    // Stored by an earlier version, which did not look at it.
    world.set("QuarantineTooManyDeletesThreshold", "two");
    let (enabled, value, problem) = threshold();
    assert_eq!((enabled, value), (true, 500));
    assert!(problem.unwrap().contains("`two`, not a whole number"));
    assert_eq!(world.cycle().counts.deleted, 2);
}

/// Stored before settings were checked: a cycle holds what it can, and the plan says why.
#[test]
fn settings_that_can_not_be_read_hold_and_are_told() {
    let world = ten_people();
    let settings = r#"{"deleteThresholdEnabled":false,"deleteThresholdValue":2}"#;
    world.secret("SyncNotificationSettings", settings);
    for name in ["p0", "p1"] {
        world.person(name).deleted();
    }
    let planned = world.plan();
    let threshold = &planned.threshold;
    assert!(planned.held && threshold.enabled && threshold.value == 2);
    let problem = threshold.problem.as_deref().unwrap();
    assert!(
        problem.contains("did you mean `DeleteThresholdEnabled`?"),
        "{problem}"
    );
    assert_eq!(world.cycle().counts.staged, 2);

    world.threshold(7);
    let threshold = world.plan().threshold;
    assert_eq!((threshold.value, threshold.problem), (7, None));
}

#[test]
fn held_pages_count_as_one() {
    let world = ten_people().with_pages_of(1);
    for name in ["p0", "p1", "p2"] {
        world.person(name).deleted();
    }
    assert_eq!(
        world.cycle().counts.staged,
        3,
        "each page holds one, together they are three"
    );
    world.person("p3").deleted();
    assert_eq!(world.cycle().counts.staged, 4);
}

/// Nobody has let any through: one failing cycle after the other would remove as many as it likes.
#[test]
fn removals_of_a_cycle_that_fails_count_with_those_of_the_next() {
    let world = ten_people().with_pages_of(1);
    for name in ["p0", "p1"] {
        world.person(name).deleted();
    }
    let observer = crate::world::AfterPage::new(|_, progress: &syncline_runner::Progress| {
        if progress.counts.deleted == 1 {
            world.contoso_policy(|partner| partner.redemption.outbound_allowed = Some(false));
        }
    });
    let report = world.cycle_watched_by(&observer);
    assert_eq!(
        (report.state, report.counts.deleted),
        (CycleState::Failed, 1)
    );
    world.contoso_consents();
    world.person("p2").deleted();
    let counts = world.cycle().counts;
    assert_eq!((counts.deleted, counts.staged), (0, 2));
    world.person("p2").restored();
    assert_eq!(world.cycle().counts.staged, 0, "one and one are below it");
    assert_eq!(world.stored_job().removed_in_between, 0);
}
