//! Somebody disabled whom matching does not find, in the cycle that matches everybody anew: what is known of
//! him by an old link waits until it is known whose target object that is.

use std::sync::{Arc, Mutex};

use syncline_engine::evidence::EvidenceOutcome;
use syncline_engine::{Operation, SkipReason};
use syncline_model::job::Counts;
use syncline_model::link::LinkState;
use syncline_model::{Attr, EntityKind, Link, ObjectId, Timestamp, Value};

use crate::world::World;

const PAGES: [usize; 3] = [1, 2, 10];

/// Ana and Bea, of whom one is disabled, gone from the target, and linked to the target object of the other.
/// That one is switched off there.
fn mixed_up(disabled: &str, other: &str, state: LinkState, pages: usize) -> (World, ObjectId) {
    let world = World::new().with_pages_of(pages);
    world.sync_assigned();
    world.person("ana").assigned();
    world.person("bea").assigned();
    world.cycle();
    let [hers, others] = [disabled, other].map(|name| world.live(name).id);
    world.person(disabled).disabled();
    world.fabrikam_deletes(hers);
    world.fabrikam_purges(hers);
    world.fabrikam_changes(others, Attr::ACCOUNT_ENABLED, false);
    let (tenant, job) = (world.contoso.id, &world.job);
    let sources = [disabled, other].map(|name| world.person(name).id);
    let link = Link {
        source: sources[0],
        target: others,
        kind: EntityKind::User,
        state,
        since: Timestamp(1),
        matching: 0,
        was_released: false,
    };
    let written = world.store.write(|tx| {
        tx.delete_links(tenant, job, &sources)?;
        let mut stored = tx.job(tenant, job)?.unwrap();
        for count in stored.status.synchronized_entries.values_mut() {
            *count = u64::from(state == LinkState::Live);
        }
        tx.update_job(&stored)?;
        tx.put_links(tenant, job, &[link])
    });
    written.unwrap();
    (world, others)
}

/// What is written of a display name, wherever.
fn names_written(world: &World) -> Arc<Mutex<Vec<Value>>> {
    let names = Arc::new(Mutex::new(Vec::new()));
    let seen = names.clone();
    world.target_refuses(move |operation| {
        if let Operation::Update { set, .. } | Operation::Restore { set, .. } = operation {
            let of_names = set.iter().filter(|(attr, _)| *attr == Attr::DISPLAY_NAME);
            let written = of_names.filter_map(|(_, value)| value.clone());
            seen.lock().unwrap().extend(written);
        }
        false
    });
    names
}

#[test]
fn nothing_is_written_by_a_link_to_somebody_elses_target_object() {
    for pages in PAGES {
        for (disabled, other) in [("ana", "bea"), ("bea", "ana")] {
            for state in [LinkState::Live, LinkState::Released] {
                let (world, others) = mixed_up(disabled, other, state, pages);
                world.restart("Full");
                let planned = world.plan().counts;
                let names = names_written(&world);
                let counts = world.cycle().counts;
                let told = format!("{disabled} is {state:?}, pages of {pages}");
                assert_eq!(planned, counts, "{told}");
                assert_eq!((counts.updated, counts.skipped), (1, 1), "{told}");
                assert_eq!(*names.lock().unwrap(), [], "{told}");
                let guest = world.live(other);
                assert_eq!((guest.id, guest.is_enabled()), (others, true), "{told}");
                assert_eq!(world.linked(world.person(other).id), Some(others));
                assert_eq!(world.linked(world.person(disabled).id), None);
                let skipped = EvidenceOutcome::Skipped(SkipReason::NotEffectivelyEntitled);
                assert_eq!(world.outcomes(disabled).last(), Some(&skipped), "{told}");
                assert_eq!(world.cycle().counts, Counts::default());
            }
        }
    }
}

/// The other one left, and nobody was matched with what was hers.
#[test]
fn what_nobody_else_was_matched_with_is_kept_in_step_by_an_old_link() {
    for pages in PAGES {
        for state in [LinkState::Live, LinkState::Released] {
            let (world, others) = mixed_up("ana", "bea", state, pages);
            world.person("bea").unassigned();
            world.restart("Full");
            let planned = world.plan().counts;
            let counts = world.cycle().counts;
            assert_eq!(planned, counts, "{state:?}, pages of {pages}");
            assert_eq!((counts.updated, counts.staged, counts.skipped), (1, 0, 1));
            assert_eq!(world.live("ana").id, others);
            assert_eq!(world.linked(world.person("ana").id), Some(others));
            assert_eq!(world.cycle().counts, Counts::default());
        }
    }
}

#[test]
fn what_is_put_aside_does_not_count_for_the_threshold() {
    let (world, _) = mixed_up("ana", "bea", LinkState::Live, 10);
    world.person("bea").unassigned();
    world.threshold(1);
    world.restart("Full");
    let planned = world.plan();
    let counts = world.cycle().counts;
    assert_eq!((planned.held, planned.counts), (false, counts));
    assert_eq!((counts.updated, counts.staged), (1, 0));
}

#[test]
fn on_demand_nothing_is_written_by_an_old_link_before_everybody_was_matched() {
    let (world, _) = mixed_up("ana", "bea", LinkState::Live, 10);
    world.restart("Full");
    let ana = world.person("ana").id;
    assert_eq!(world.provision(ana).unwrap_err().code, "MatchingUnderWay");
    world.cycle();
    world.provision(ana).unwrap();
    assert_eq!(world.live("bea").text(Attr::DISPLAY_NAME), "bea of Contoso");
}

/// Later on, when everybody was matched, and she could not be written: whoever comes into scope may be matched with
/// what an old link leads to.
#[test]
fn nobody_shares_with_somebody_who_is_matched_later() {
    for pages in PAGES {
        for state in [LinkState::Live, LinkState::Released] {
            let (world, _) = mixed_up("ana", "bea", state, pages);
            world.person("bea").unassigned();
            world.restart("Full");
            world.target_refuses(|it| matches!(it, Operation::Update { .. }));
            assert_eq!(world.cycle().counts.escrowed, 1);
            world.target_is_well();
            world.person("ana").department("Sales");
            world.person("bea").assigned();
            assert_eq!(
                world.cycle().counts.escrowed,
                0,
                "{state:?}, pages of {pages}"
            );
            let guest = world.live("bea");
            assert_eq!(world.linked(world.person("bea").id), Some(guest.id));
            assert_eq!((guest.is_enabled(), guest.department()), (true, ""));
            assert_eq!(guest.text(Attr::DISPLAY_NAME), "bea of Contoso");
            let hers = world.linked(world.person("ana").id);
            assert_eq!(hers, world.target_user("ana").map(|guest| guest.id));
            assert_eq!(world.cycle().counts, Counts::default());
        }
    }
}

/// Later on, somebody whom an old link leads to Bea's target object: he would be kept in step, or removed.
fn led_to_bea(world: &World) {
    world.person("bea").unassigned();
    world.restart("Full");
    world.target_refuses(|it| matches!(it, Operation::Update { .. }));
    assert_eq!(world.cycle().counts.escrowed, 1);
    world.target_is_well();
}

impl World {
    /// Of whom has a department that is no date, whether they leave can not be told.
    pub fn nobody_can_tell_who_leaves(&self) {
        let expression = "IIF(IsPresent(CDate([department])), [IsSoftDeleted], [IsSoftDeleted])";
        self.map("IsSoftDeleted", expression);
    }
}

#[test]
fn later_on_nobody_counts_for_the_threshold_of_whom_nothing_is_removed() {
    type Change = fn(&World);
    let ways: [Change; 2] = [
        |world| {
            world.person("bea").assigned();
            world.person("ana").department("Sales");
        },
        // Staged before she is met who is matched with that.
        |world| {
            world.person("ana").unassigned();
            world.person("bea").assigned();
        },
    ];
    for pages in PAGES {
        for (way, change) in ways.iter().enumerate() {
            let (world, others) = mixed_up("ana", "bea", LinkState::Live, pages);
            world.person("cem").assigned();
            led_to_bea(&world);
            world.threshold(2);
            change(&world);
            world.person("cem").unassigned();
            let told = format!("in way {way}, pages of {pages}");
            let planned = world.plan();
            let counts = world.cycle().counts;
            assert_eq!((counts.staged, counts.deleted), (0, 1), "{told}");
            assert_eq!((planned.held, planned.removals), (false, 1), "{told}");
            assert_eq!(planned.counts, counts, "{told}");
            assert_eq!(world.live("bea").id, others, "{told}");
            assert_eq!(world.cycle().counts, Counts::default(), "{told}");
        }
    }
}

/// Bea's target object is found, and a mapping of hers fails: it is hers all the same.
#[test]
fn later_on_nothing_is_written_beside_somebody_of_the_page_who_is_matched_and_fails() {
    let (world, others) = mixed_up("ana", "bea", LinkState::Live, 10);
    led_to_bea(&world);
    world.map("department", "CDate([department])");
    world.person("ana").department("2020-03-16");
    world.person("bea").assigned().department("soon");
    let names = names_written(&world);
    let planned = world.plan().counts;
    let counts = world.cycle().counts;
    assert_eq!(planned, counts);
    assert_eq!(counts.escrowed, 1);
    assert_eq!(*names.lock().unwrap(), []);
    let guest = world.live("bea");
    assert_eq!((guest.id, guest.department()), (others, ""));
    assert_eq!(world.linked(world.person("ana").id), None);
    world.person("bea").department("2020-03-16");
    world.cycle();
    assert_eq!(world.linked(world.person("bea").id), Some(others));
    assert!(world.live("bea").department().starts_with("3/16/2020"));
}

/// Whether somebody is matched is not known while that fails. Their link of before stays, and what it leads to is
/// neither removed nor written.
#[test]
fn whoever_can_not_be_matched_keeps_the_target_object_of_before() {
    for pages in PAGES {
        for disabled in [false, true] {
            let told = format!("disabled: {disabled}, pages of {pages}");
            let world = World::new().with_pages_of(pages);
            world.sync_assigned();
            for name in ["ana", "bea"] {
                world.person(name).assigned();
            }
            world.cycle();
            let before = world.live("bea");
            world.nobody_can_tell_who_leaves();
            let bea = world.person("bea").department("soon");
            if disabled {
                bea.disabled();
            }
            world.restart("Full");
            for _ in 0..2 {
                let planned = world.plan().counts;
                let counts = world.cycle().counts;
                assert_eq!(planned, counts, "{told}");
                assert_eq!((counts.deleted, counts.disabled, counts.staged), (0, 0, 0));
                assert_eq!(world.live("bea"), before, "{told}");
                assert_eq!(world.linked(bea.id), Some(before.id), "{told}");
                world.clock.advance_seconds(86_400);
            }
            bea.clear(Attr::DEPARTMENT);
            assert_eq!(world.cycle().counts.escrowed, 0, "{told}");
            assert_eq!(world.live("bea").is_enabled(), !disabled, "{told}");
            assert_eq!(world.linked(bea.id), Some(before.id), "{told}");
            assert_eq!(world.cycle().counts, Counts::default(), "{told}");
        }
    }
}
