//! Links that are wrong, and a restart that has everybody matched anew: whoever is wanted gets his own
//! target object back, and nobody loses it because a link says so.

use std::sync::mpsc;
use std::thread;

use syncline_engine::Operation;
use syncline_engine::evidence::ReferenceState;
use syncline_engine::schema::FlowType;
use syncline_model::job::{Counts, CycleState};
use syncline_model::link::LinkState;
use syncline_model::{Attr, EntityKind, Link, ObjectId, Timestamp};

use crate::world::{INTERVAL_SECONDS, State, World};

/// Who leads to whom, by the target objects of before.
pub fn link_to(world: &World, links: &[(&str, ObjectId)]) {
    let rows: Vec<Link> = links
        .iter()
        .map(|(name, target)| Link {
            source: world.person(name).id,
            target: *target,
            kind: EntityKind::User,
            state: LinkState::Live,
            since: Timestamp(1),
            matching: 0,
            was_released: false,
        })
        .collect();
    let (tenant, job) = (world.contoso.id, &world.job);
    let all: Vec<ObjectId> = world.traces().links.iter().map(|it| it.source).collect();
    world
        .store
        .write(|tx| {
            tx.delete_links(tenant, job, &all)?;
            let mut stored = tx.job(tenant, job)?.unwrap();
            for count in stored.status.synchronized_entries.values_mut() {
                *count = rows.len() as u64;
            }
            tx.update_job(&stored)?;
            tx.put_links(tenant, job, &rows)
        })
        .unwrap();
}

fn linked(world: &World, name: &str) -> Option<ObjectId> {
    let source = world.person(name).id;
    let links = world.traces().links.into_iter();
    let mut links = links.filter(|link| link.source == source);
    links.next().map(|link| link.target)
}

/// Ana and Bea, Cem who reports to Ana and Dan who reports to Bea, and their target objects.
fn four(pages: usize) -> (World, [ObjectId; 2]) {
    let world = World::new().with_pages_of(pages);
    world.sync_assigned();
    for name in ["ana", "bea", "cem", "dan"] {
        world.person(name).assigned();
    }
    world.person("cem").manager("ana");
    world.person("dan").manager("bea");
    world.cycle();
    let targets = [world.live("ana").id, world.live("bea").id];
    (world, targets)
}

const PAGES: [usize; 3] = [1, 2, 10];

#[test]
fn whoever_was_taken_for_another_one_is_found_again() {
    for pages in PAGES {
        let (world, [ana, bea]) = four(pages);
        let [cem, dan] = ["cem", "dan"].map(|name| world.live(name).id);
        let before = world.guests();
        link_to(
            &world,
            &[("ana", bea), ("bea", ana), ("cem", cem), ("dan", dan)],
        );
        world.restart("Full");
        let report = world.cycle();
        assert_eq!((report.counts.updated, report.counts.escrowed), (4, 0));
        assert_eq!(linked(&world, "ana"), Some(ana), "pages of {pages}");
        assert_eq!(linked(&world, "bea"), Some(bea));
        assert_eq!(world.guests(), before);
        assert_eq!(world.cycle().counts, Counts::default());
    }
}

/// One of them left and is linked to the target object of the other, who is linked to hers.
fn mixed_up(leaves: &str, stays: &str, pages: usize, released: bool) -> World {
    let (world, targets) = four(pages);
    if released {
        world.secret("SkipOutOfScopeDeletions", "true");
        world.cycle();
    }
    let [other, hers] = if stays == "bea" {
        targets
    } else {
        [targets[1], targets[0]]
    };
    let [cem, dan] = ["cem", "dan"].map(|name| world.live(name).id);
    link_to(
        &world,
        &[(leaves, hers), (stays, other), ("cem", cem), ("dan", dan)],
    );
    world.person(leaves).unassigned();
    world
}

/// The same, to be matched anew. The other is not to lose hers, wherever the cycle meets her.
fn bea_keeps_hers(leaves: &str, stays: &str, pages: usize, released: bool) -> World {
    let world = mixed_up(leaves, stays, pages, released);
    world.restart("Full");
    world
}

#[test]
fn nobody_is_removed_by_a_link_to_somebody_elses_target_object() {
    for pages in PAGES {
        for (leaves, stays) in [("ana", "bea"), ("bea", "ana")] {
            for released in [false, true] {
                let world = bea_keeps_hers(leaves, stays, pages, released);
                let planned = world.plan().counts;
                let counts = world.cycle().counts;
                assert_eq!(planned, counts, "pages of {pages}, released: {released}");
                assert_eq!((counts.deleted, counts.skipped, counts.escrowed), (0, 1, 0));
                assert_eq!(linked(&world, stays), Some(world.live(stays).id));
                assert_eq!(linked(&world, leaves), None);
                // Whoever reported to her waits for her.
                let waits = Counts {
                    references_pending: 1,
                    ..Counts::default()
                };
                assert_eq!(world.cycle().counts, waits);
            }
        }
    }
}

/// Nothing can be written to hers: it is hers all the same, in this cycle and in those in which she is tried again.
#[test]
fn nobody_is_removed_by_a_link_to_the_target_object_of_somebody_who_fails() {
    type Leave = fn(&World, &str);
    let ways: [Leave; 3] = [
        |_, _| {},
        // Not to be found in the target.
        |world, name| {
            let own = world.live(name).id;
            world.fabrikam_deletes(own);
            world.fabrikam_purges(own);
            world.person(name).assigned().disabled();
        },
        |world, name| {
            world.person(name).deleted().purged();
        },
    ];
    for pages in PAGES {
        for (leaves, stays) in [("ana", "bea"), ("bea", "ana")] {
            for (way, leave) in ways.iter().enumerate() {
                let told = format!("{leaves} in way {way}, pages of {pages}");
                let world = bea_keeps_hers(leaves, stays, pages, false);
                leave(&world, leaves);
                world.person(stays).department("Sales");
                let hers = world.live(stays).id;
                world.target_refuses(move |operation| {
                    matches!(operation, Operation::Update { target, set, .. }
                        if *target == hers && set.iter().any(|(attr, _)| *attr == Attr::DEPARTMENT))
                });
                for _ in 0..2 {
                    let counts = world.cycle().counts;
                    assert_eq!((counts.deleted, counts.disabled), (0, 0), "{told}");
                    assert_eq!(linked(&world, leaves), None, "{told}");
                    let guest = world.live(stays);
                    assert!(guest.id == hers && guest.is_enabled(), "{told}");
                    world.clock.advance_seconds(INTERVAL_SECONDS);
                }
                world.target_refuses(|_| false);
                world.clock.advance_seconds(86_400);
                world.cycle();
                assert_eq!(linked(&world, stays), Some(hers), "{told}");
                assert_eq!(world.live(stays).department(), "Sales", "{told}");
            }
        }
    }
}

/// That her own matching fails says not that she is not matched: what is hers is looked for all the same.
#[test]
fn nobody_is_removed_by_a_link_to_the_target_object_of_somebody_whose_matching_fails() {
    for pages in PAGES {
        for (leaves, stays) in [("ana", "bea"), ("bea", "ana")] {
            for disabled in [false, true] {
                let told = format!("{leaves}, disabled: {disabled}, pages of {pages}");
                let world = bea_keeps_hers(leaves, stays, pages, false);
                if disabled {
                    let own = world.live(leaves).id;
                    world.fabrikam_deletes(own);
                    world.fabrikam_purges(own);
                    world.person(leaves).assigned().disabled();
                }
                world.nobody_can_tell_who_leaves();
                world.person(stays).department("soon");
                let hers = world.live(stays);
                for _ in 0..2 {
                    let planned = world.plan().counts;
                    let counts = world.cycle().counts;
                    assert_eq!(planned, counts, "{told}");
                    assert_eq!((counts.deleted, counts.disabled), (0, 0), "{told}");
                    assert_eq!(world.linked(world.person(leaves).id), None, "{told}");
                    let guest = world.live(stays);
                    assert!(guest.id == hers.id && guest.is_enabled(), "{told}");
                    world.clock.advance_seconds(INTERVAL_SECONDS);
                }
                world.person(stays).department("2020-03-16");
                world.cycle();
                let now = world.linked(world.person(stays).id);
                assert_eq!(now, Some(hers.id), "{told}");
            }
        }
    }
}

#[test]
fn somebody_disabled_is_switched_off_and_not_removed_by_such_a_link() {
    for pages in PAGES {
        for (leaves, stays) in [("ana", "bea"), ("bea", "ana")] {
            for released in [false, true] {
                let world = bea_keeps_hers(leaves, stays, pages, released);
                world.person(stays).disabled();
                let planned = world.plan().counts;
                let report = world.cycle();
                assert_eq!(report.error, None, "pages of {pages}");
                assert_eq!(planned, report.counts, "pages of {pages}");
                assert_eq!((report.counts.deleted, report.counts.disabled), (0, 1));
                let guest = world.target_user(stays).unwrap();
                assert_eq!((guest.state, guest.is_enabled()), (State::Live, false));
                assert_eq!(linked(&world, stays), Some(guest.id));
                assert_eq!(world.cycle().counts.references_pending, 1);
            }
        }
    }
}

#[test]
fn somebody_disabled_and_whoever_she_was_taken_for_find_theirs_again() {
    for pages in PAGES {
        let (world, [ana, bea]) = four(pages);
        link_to(&world, &[("ana", bea), ("bea", ana)]);
        world.person("ana").disabled();
        world.restart("Full");
        assert_eq!(world.cycle().counts.disabled, 1);
        assert_eq!(linked(&world, "ana"), Some(ana), "pages of {pages}");
        assert_eq!(linked(&world, "bea"), Some(bea));
    }
}

#[test]
fn on_demand_nobody_is_removed_before_everybody_was_matched() {
    let world = bea_keeps_hers("ana", "bea", 10, false);
    let ana = world.person("ana").id;
    let refused = world.provision(ana).unwrap_err();
    assert_eq!(refused.code, "MatchingUnderWay");
    world.live("bea");
    world.cycle();
    world.provision(ana).unwrap();
    world.live("bea");
}

#[test]
fn on_demand_nobody_is_removed_by_a_link_that_a_restart_has_made_old_meanwhile() {
    let world = &mixed_up("ana", "bea", 10, false);
    let ana = world.person("ana").id;
    let (waits, does_wait) = mpsc::channel();
    thread::scope(|scope| {
        let written = world.store.write(|tx| {
            tx.enter(&[world.contoso.id, world.fabrikam.id])?;
            let asked = world.when_consent_is_asked();
            scope.spawn(move || waits.send(world.provision(ana)).unwrap());
            asked.recv().unwrap();
            // What a restart with Full writes while the call waits for its turn.
            let mut job = tx.job(world.contoso.id, &world.job)?.unwrap();
            job.matching += 1;
            job.watermark = None;
            tx.update_job(&job)
        });
        written.unwrap();
    });
    let refused = does_wait.recv().unwrap().unwrap_err();
    assert_eq!(refused.code, "MatchingUnderWay");
    world.live("bea");
}

/// Whoever is found by nothing that matching goes by gets another target object; nobody is made to share.
#[test]
fn a_link_of_before_keeps_nobody_from_being_matched() {
    let (world, [ana, bea]) = four(10);
    link_to(&world, &[("ana", bea)]);
    world.restart("Full");
    let counts = world.cycle().counts;
    assert_eq!((counts.created, counts.escrowed), (0, 0));
    assert_eq!(linked(&world, "ana"), Some(ana));
    assert_eq!(linked(&world, "bea"), Some(bea));
}

/// Cem and Dan are met before their managers Ana, who leaves, and Bea, each of whom is linked to the other's target
/// object. `before`: the target says so already.
fn met_before_their_managers(pages: usize, before: bool, released: bool) -> World {
    let world = World::new().with_pages_of(pages);
    world.sync_assigned();
    for name in ["cem", "dan", "ana", "bea"] {
        world.person(name).assigned();
    }
    world.person("cem").manager("ana");
    world.person("dan").manager("bea");
    world.cycle();
    if released {
        world.secret("SkipOutOfScopeDeletions", "true");
        world.cycle();
    }
    let [cem, dan, ana, bea] = ["cem", "dan", "ana", "bea"].map(|name| world.live(name).id);
    let links = [("ana", bea), ("bea", ana), ("cem", cem), ("dan", dan)];
    link_to(&world, &links);
    if before {
        world.person("cem").department("Sales");
        world.person("dan").department("Sales");
        world.cycle();
        assert_eq!(world.live("cem").manager.as_deref(), Some("bea"));
    }
    world.person("ana").unassigned();
    world
}

#[test]
fn nobody_is_left_with_the_manager_that_his_own_was_taken_for() {
    for pages in [1, 2, 3, 10] {
        for (before, released) in [(false, false), (true, false), (false, true), (true, true)] {
            let world = met_before_their_managers(pages, before, released);
            world.restart("Full");
            let planned = world.plan().counts;
            let counts = world.cycle().counts;
            let told = format!("pages of {pages}, before: {before}, released: {released}");
            assert_eq!(planned, counts, "{told}");
            // Whom nobody else was matched with, she may still be: where all were decided together.
            let manager = world.live("cem").manager;
            let is_hers = manager.as_deref() == Some("ana") && !before && pages == 10;
            assert!(manager.is_none() || is_hers, "{manager:?}: {told}");
            assert_eq!(world.live("dan").manager.as_deref(), Some("bea"), "{told}");
            let waits = Counts {
                references_pending: 1,
                ..Counts::default()
            };
            assert_eq!(world.cycle().counts, waits, "{told}");
            world.person("ana").assigned();
            world.cycle();
            assert_eq!(world.live("cem").manager.as_deref(), Some("ana"), "{told}");
        }
    }
}

#[test]
fn the_log_says_that_such_a_manager_is_one_no_more() {
    let world = met_before_their_managers(1, true, false);
    let bea = world.live("bea").id;
    world.restart("Full");
    world.cycle();
    let cem = world.person("cem").id;
    let log = world.log().into_iter().filter(|it| it.source == cem);
    let references = log.last().unwrap().references;
    assert_eq!(references.len(), 1);
    assert_eq!(references[0].state, ReferenceState::Removed(bea));
}

#[test]
fn a_reference_that_can_not_be_taken_away_is_tried_again() {
    let world = met_before_their_managers(1, true, false);
    world.restart("Full");
    world.target_refuses(|it| matches!(it, Operation::RemoveReference { .. }));
    let report = world.cycle();
    assert_eq!(report.state, CycleState::EntryLevelErrors);
    assert_eq!(world.live("cem").manager.as_deref(), Some("bea"));
    world.target_is_well();
    world.clock.advance_seconds(6 * 60 * 60);
    world.cycle();
    assert_eq!(world.live("cem").manager, None);
}

#[test]
fn on_demand_nobody_is_left_with_such_a_manager_and_the_answer_is_about_who_was_asked_for() {
    let world = met_before_their_managers(1, true, false);
    world.restart("Full");
    world.provision(world.person("cem").id).unwrap();
    let bea = world.person("bea").id;
    assert_eq!(world.provision(bea).unwrap().evidence.source, bea);
    assert_eq!(world.live("cem").manager, None);
}

/// Bea is met before Ana, who is linked to hers, and Cem, who reports to Ana, before both.
#[test]
fn whoever_lost_such_a_manager_gets_his_own_in_the_same_cycle() {
    for pages in [1, 2, 3, 10] {
        for (before, flow_type) in [
            (false, FlowType::Always),
            (true, FlowType::Always),
            (false, FlowType::ValueAddOnly),
            (true, FlowType::ValueAddOnly),
        ] {
            let world = World::new().with_pages_of(pages);
            world.flow_type("manager", flow_type);
            world.person("cem");
            world.person("bea");
            world.person("cem").manager("ana");
            world.cycle();
            let [cem, ana, bea] = ["cem", "ana", "bea"].map(|name| world.live(name).id);
            link_to(&world, &[("cem", cem), ("ana", bea), ("bea", ana)]);
            if before {
                world.person("cem").department("Sales");
                world.cycle();
                assert_eq!(world.live("cem").manager.as_deref(), Some("bea"));
            }
            world.restart("Full");
            let planned = world.plan().counts;
            let counts = world.cycle().counts;
            assert_eq!(planned, counts, "pages of {pages}, before: {before}");
            assert_eq!(world.live("cem").manager.as_deref(), Some("ana"));
            assert_eq!(world.cycle().counts, Counts::default());
        }
    }
}

/// The same, where a manager is given only while there is none: what the wrong link gave is none.
#[test]
fn a_manager_whom_a_wrong_link_gave_does_not_keep_the_right_one_away() {
    for pages in [1, 2, 3, 10] {
        for first in ["bea", "ana"] {
            let told = format!("pages of {pages}, {first} first");
            let world = World::new().with_pages_of(pages);
            world.flow_type("manager", FlowType::AttributeAddOnly);
            world.person("cem");
            world.person(first);
            world.person("bea");
            world.person("cem").manager("ana");
            world.cycle();
            let [cem, ana, bea] = ["cem", "ana", "bea"].map(|name| world.live(name).id);
            link_to(&world, &[("cem", cem), ("ana", bea), ("bea", ana)]);
            world.fabrikam_takes_manager(cem);
            world.restart("Full");
            let planned = world.plan().counts;
            let counts = world.cycle().counts;
            assert_eq!(planned, counts, "{told}");
            assert_eq!(world.live("cem").manager.as_deref(), Some("ana"), "{told}");
            assert_eq!(world.cycle().counts, Counts::default(), "{told}");
        }
    }
}
