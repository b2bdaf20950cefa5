//! Those whom others report to, and who come later in the source, are created with the first who
//! reports to them. Nobody is left out for it, nor looked at twice.

mod another_target;
mod any_managers;
mod failing;
mod interruption;
mod meanwhile;
mod nodes;

use std::collections::BTreeMap;

use syncline_engine::SkipReason;
use syncline_engine::evidence::{EvidenceOutcome, ReferenceState};
use syncline_model::ObjectId;
use syncline_model::job::{Counts, CycleKind, CycleReport, CycleState};

use crate::world::{World, after_first_page};

/// Who leads all others comes last.
const LEADER: &str = "p6";
const PEOPLE: u64 = 7;

/// Seven people in pages of two, who report to the last of them.
fn world() -> World {
    let world = World::new().with_pages_of(2);
    let people = world.people("p", 7);
    world.all_report_to(&people, people[6]);
    world
}

/// How many objects the last cycle has looked at.
fn imported(world: &World) -> u64 {
    let status = world.stored_job().status;
    status.last_execution.unwrap().imported
}

/// How often the last cycle has written somebody down.
fn rows(world: &World, name: &str) -> usize {
    let cycle = world.stored_job().status.last_execution.unwrap().activity;
    let source = world.person(name).id;
    let of_cycle = world.log_rows().into_iter().filter(|it| it.cycle == cycle);
    of_cycle
        .map(|row| syncline_engine::Evidence::decode(&row.evidence).unwrap())
        .filter(|evidence| evidence.source == source)
        .count()
}

/// Everybody was looked at once, created once, and given their manager with that; a cycle after
/// finds nothing to do.
fn all_is_done_once(world: &World, report: &CycleReport) {
    assert_eq!(report.kind, CycleKind::Initial);
    assert_eq!(report.state, CycleState::Succeeded);
    let people = world.everybody();
    assert_eq!(imported(world), people.len() as u64);
    assert_eq!(
        (report.counts.created, report.counts.references_pending),
        (people.len() as u64, 0)
    );
    let mut created = world.created_in_log();
    created.sort_unstable();
    let mut all: Vec<ObjectId> = people.iter().map(|(_, id)| *id).collect();
    all.sort_unstable();
    assert_eq!(created, all);
    assert_eq!(world.target_names().len(), people.len());
    assert_eq!(world.cycle().counts, Counts::default());
}

/// Everybody but the leader has the leader.
fn all_have_the_leader(world: &World) {
    for number in 0..6 {
        let name = format!("p{number}");
        assert_eq!(world.live(&name).manager.as_deref(), Some(LEADER), "{name}");
    }
}

#[test]
fn whoever_leads_is_created_in_the_page_of_the_first_who_reports_to_him() {
    let world = world();
    let report = world.cycle_watched_by(&after_first_page(|| {
        assert_eq!(world.target_names(), ["p0", "p1", LEADER]);
        for name in ["p0", "p1"] {
            assert_eq!(world.live(name).manager.as_deref(), Some(LEADER));
        }
    }));
    assert_eq!(
        report.counts,
        Counts {
            created: PEOPLE,
            references_set: PEOPLE - 1,
            ..Counts::default()
        }
    );
    let leader = world.person(LEADER).id;
    let set = ReferenceState::Set(world.live(LEADER).id);
    for number in 0..6 {
        let source = world.person(&format!("p{number}")).id;
        let log = world.log();
        let told: Vec<_> = log.iter().filter(|it| it.source == source).collect();
        let [row] = told[..] else {
            panic!("one row each: {told:?}");
        };
        assert_eq!(row.outcome, EvidenceOutcome::Created);
        let [reference] = &row.references[..] else {
            panic!("one manager: {row:?}");
        };
        assert_eq!((reference.source, reference.state), (Some(leader), set));
    }
    all_is_done_once(&world, &report);
}

/// Who reports to whom, of ten.
type Shape = fn(usize) -> Option<usize>;

const SHAPES: [(&str, Shape); 6] = [
    ("a leader who comes last", |it| (it < 9).then_some(9)),
    ("a leader who comes first", |it| (it > 0).then_some(0)),
    ("a chain of those who come later", |it| {
        (it < 9).then_some(it + 1)
    }),
    ("a chain of those who came before", |it| it.checked_sub(1)),
    ("two who lead each other", |it| match it {
        0 => Some(9),
        9 => Some(0),
        _ => None,
    }),
    ("far and near, before and after", |it| {
        Some((it * 7 + 3) % 10)
    }),
];

#[test]
fn everybody_is_created_and_written_down_once() {
    for (shape, manager) in SHAPES {
        for (size, ahead) in [
            (1, true),
            (1, false),
            (2, true),
            (2, false),
            (3, true),
            (20, true),
        ] {
            let mut world = World::new().with_pages_of(size);
            world.runner = world.runner.clone().with_deciding_ahead(ahead);
            world.people("p", 10);
            let managers: BTreeMap<String, String> = (0..10)
                .filter_map(|it| Some((format!("p{it}"), format!("p{}", manager(it)?))))
                .filter(|(name, manager)| name != manager)
                .collect();
            for (name, manager) in &managers {
                world.person(name).manager(manager);
            }
            let what = format!("{shape}, pages of {size}, ahead: {ahead}");
            let report = world.cycle();
            assert_eq!(
                report.counts.references_set,
                managers.len() as u64,
                "{what}"
            );
            for (name, manager) in &managers {
                assert_eq!(world.live(name).manager.as_ref(), Some(manager), "{what}");
            }
            for number in 0..10 {
                let outcomes = world.outcomes(&format!("p{number}"));
                assert_eq!(outcomes[0], EvidenceOutcome::Created, "{what}");
                assert!(
                    outcomes[1..]
                        .iter()
                        .all(|it| *it == EvidenceOutcome::ReferencesOnly),
                    "{what}"
                );
            }
            all_is_done_once(&world, &report);
        }
    }
}

#[test]
fn a_chain_is_brought_forward_as_far_as_the_page_has_people() {
    let world = World::new().with_pages_of(2);
    for number in 0..9 {
        world.person(&format!("p{number}"));
    }
    for number in 0..8 {
        world
            .person(&format!("p{number}"))
            .manager(&format!("p{}", number + 1));
    }
    let report = world.cycle_watched_by(&after_first_page(|| {
        assert_eq!(world.target_names(), ["p0", "p1", "p2", "p3"]);
        assert_eq!(world.traces().waiting, 1);
    }));
    assert_eq!(report.counts.references_set, 8);
    all_is_done_once(&world, &report);
}

/// A leader who is not to be created is written down once, when the walk comes to him.
fn stays_where_he_is(world: &World, reason: SkipReason) {
    let report = world.cycle_watched_by(&after_first_page(|| {
        assert_eq!(world.target_names(), ["p0", "p1"]);
        assert_eq!(world.outcomes(LEADER), []);
    }));
    assert_eq!(
        report.counts,
        Counts {
            created: PEOPLE - 1,
            skipped: 1,
            references_pending: PEOPLE - 1,
            ..Counts::default()
        }
    );
    assert_eq!(imported(world), PEOPLE);
    assert_eq!(world.outcomes(LEADER), [EvidenceOutcome::Skipped(reason)]);
}

/// When he comes after all, all get him.
fn is_waited_for(world: &World) {
    let report = world.cycle();
    assert_eq!(
        (report.counts.created, report.counts.references_set),
        (1, PEOPLE - 1)
    );
    all_have_the_leader(world);
}

#[test]
fn a_leader_who_is_disabled_is_skipped_once_and_waited_for() {
    let world = world();
    world.person(LEADER).disabled();
    stays_where_he_is(&world, SkipReason::NotEffectivelyEntitled);
    world.person(LEADER).enabled();
    is_waited_for(&world);
}

#[test]
fn a_leader_who_is_not_assigned_is_skipped_once_and_waited_for() {
    let world = world();
    world.sync_assigned();
    for number in 0..6 {
        world.person(&format!("p{number}")).assigned();
    }
    stays_where_he_is(&world, SkipReason::NotEffectivelyEntitled);
    world.person(LEADER).assigned();
    is_waited_for(&world);
}

#[test]
fn a_leader_who_is_out_of_scope_is_skipped_once_and_waited_for() {
    let world = world();
    for number in 0..6 {
        world.person(&format!("p{number}")).department("Sales");
    }
    world.scope_to("department", "Sales");
    stays_where_he_is(&world, SkipReason::NotInProvisioningScope);
    world.person(LEADER).department("Sales");
    is_waited_for(&world);
}

#[test]
fn a_leader_who_lies_in_the_recycle_bin_is_left_there() {
    let world = world();
    world.person(LEADER).deleted();
    let report = world.cycle();
    assert_eq!(report.counts.created, PEOPLE - 1);
    assert_eq!(imported(&world), PEOPLE - 1);
    assert_eq!(world.outcomes(LEADER), []);
}

#[test]
fn a_restart_that_keeps_the_links_brings_nobody_forward() {
    let world = world();
    world.cycle();
    let before = world.traces();
    world.restart("Watermark");
    let report = world.cycle();
    assert_eq!(report.kind, CycleKind::Initial);
    assert_eq!(
        report.counts,
        Counts {
            unchanged: PEOPLE,
            ..Counts::default()
        }
    );
    assert_eq!(imported(&world), PEOPLE);
    assert_eq!(world.traces(), before);
}

#[test]
fn a_restart_that_breaks_the_links_adopts_everybody_once() {
    let world = world();
    world.cycle();
    let before = world.guests();
    world.restart("Full");
    let report = world.cycle();
    assert_eq!(report.counts.updated, PEOPLE);
    assert_eq!(report.counts.created, 0);
    assert_eq!(imported(&world), PEOPLE);
    assert_eq!(world.guests(), before, "nobody twice, nobody changed");
    assert_eq!(rows(&world, LEADER), 1);
}

#[test]
fn a_later_cycle_brings_nobody_forward() {
    let world = world();
    world.cycle();
    let late = world.people("late", 4);
    world.all_report_to(&late, late[3]);
    let report = world.cycle();
    assert_eq!(report.kind, CycleKind::Incremental);
    assert_eq!(
        (report.counts.created, report.counts.references_set),
        (4, 3)
    );
    for name in ["late0", "late1"] {
        assert_eq!(
            world.outcomes(name),
            [EvidenceOutcome::Created, EvidenceOutcome::ReferencesOnly]
        );
    }
}
