//! One change in the source, one change in the target.

use syncline_engine::evidence::EvidenceOutcome;
use syncline_model::job::{Counts, CycleKind};
use syncline_model::link::LinkState;
use syncline_model::{Attr, Attrs};
use syncline_runner::Progress;

use crate::world::{AfterPage, State, World};

/// Ana, who reports to Bo, with Cem reporting to her; all are in Fabrikam.
fn synchronized() -> World {
    let world = World::new();
    world.person("ana").department("Sales").manager("bo");
    world.person("cem").manager("ana");
    let report = world.cycle();
    assert_eq!(
        (report.counts.created, report.counts.references_set),
        (3, 2)
    );
    world
}

#[track_caller]
fn check_cycle(world: &World, expected: Counts) {
    let report = world.cycle();
    assert_eq!(report.kind, CycleKind::Incremental);
    assert_eq!(report.counts, expected);
}

/// Attributes whose values differ.
fn differing(before: &Attrs, after: &Attrs) -> Vec<Attr> {
    let mut attrs: Vec<Attr> = before
        .iter()
        .chain(after.iter())
        .map(|(attr, _)| attr)
        .collect();
    attrs.sort();
    attrs.dedup();
    attrs.retain(|attr| before.get(*attr) != after.get(*attr));
    attrs
}

/// What was deleted is looked at once, whatever that has changed in the source.
#[test]
fn deletions_are_as_many_as_there_is_to_do() {
    let world = World::new();
    world.people("p", 6);
    world.cycle();
    for name in ["p0", "p1", "p2", "p3"] {
        world.person(name).deleted();
    }
    let seen = std::sync::Mutex::new(Vec::new());
    let observer = AfterPage::new(|_, progress: &Progress| {
        seen.lock().unwrap().push((progress.done, progress.total));
    });
    assert_eq!(world.cycle_watched_by(&observer).counts.deleted, 4);
    let seen = seen.into_inner().unwrap();
    assert_eq!(seen.first(), Some(&(0, 4)), "{seen:?}");
    assert_eq!(seen.last(), Some(&(4, 4)), "{seen:?}");
}

#[test]
fn a_department_changes() {
    let world = synchronized();
    let before = world.live("ana");
    world.person("ana").department("Marketing");
    check_cycle(
        &world,
        Counts {
            updated: 1,
            ..Counts::default()
        },
    );
    let after = world.live("ana");
    assert_eq!(after.department(), "Marketing");
    assert_eq!(differing(before.attrs(), after.attrs()), [Attr::DEPARTMENT]);
    let event = world.log().pop().unwrap();
    assert_eq!(event.modified.len(), 1);
    assert_eq!(event.modified[0].name, "department");
    assert_eq!(event.modified[0].old.as_deref(), Some("Sales"));
    assert_eq!(event.modified[0].new.as_deref(), Some("Marketing"));
}

#[test]
fn a_value_that_is_lost_is_cleared() {
    let world = synchronized();
    world.person("ana").clear(Attr::DEPARTMENT);
    check_cycle(
        &world,
        Counts {
            updated: 1,
            ..Counts::default()
        },
    );
    assert_eq!(world.live("ana").department(), "");
}

#[test]
fn somebody_is_disabled_and_nothing_else() {
    let world = synchronized();
    let before = world.live("ana");
    world.person("ana").disabled();
    check_cycle(
        &world,
        Counts {
            disabled: 1,
            ..Counts::default()
        },
    );
    let after = world.live("ana");
    assert_eq!(
        differing(before.attrs(), after.attrs()),
        [Attr::ACCOUNT_ENABLED]
    );
    assert!(!after.is_enabled());
    assert_eq!(after.manager.as_deref(), Some("bo"));
    assert_eq!(
        world.outcomes("ana").last(),
        Some(&EvidenceOutcome::Disabled)
    );

    world.person("ana").enabled();
    check_cycle(
        &world,
        Counts {
            updated: 1,
            ..Counts::default()
        },
    );
    assert!(world.live("ana").is_enabled());
}

#[test]
fn somebody_is_deleted_and_comes_back_with_manager_and_reports() {
    let world = synchronized();
    let before = world.live("ana");
    world.person("ana").deleted();
    check_cycle(
        &world,
        Counts {
            deleted: 1,
            ..Counts::default()
        },
    );
    assert_eq!(world.target_user("ana").unwrap().state, State::InRecycleBin);
    assert_eq!(world.live("cem").manager, None);

    world.person("ana").restored();
    check_cycle(
        &world,
        Counts {
            restored: 1,
            ..Counts::default()
        },
    );
    let after = world.live("ana");
    assert_eq!(after.id, before.id);
    assert_eq!(after.manager.as_deref(), Some("bo"));
    assert_eq!(world.live("cem").manager.as_deref(), Some("ana"));
    assert_eq!(
        world.outcomes("ana").last(),
        Some(&EvidenceOutcome::Restored)
    );
}

#[test]
fn a_report_who_changes_while_the_manager_is_away_gets_him_back() {
    let world = synchronized();
    world.person("ana").deleted();
    world.cycle();
    world.person("cem").department("Sales");
    check_cycle(
        &world,
        Counts {
            updated: 1,
            references_pending: 1,
            ..Counts::default()
        },
    );
    assert_eq!(world.live("cem").manager, None);
    world.person("ana").restored();
    let report = world.cycle();
    assert_eq!(report.counts.restored, 1);
    assert_eq!(report.counts.references_pending, 0);
    assert_eq!(world.live("cem").manager.as_deref(), Some("ana"));
}

#[test]
fn changes_made_in_the_recycle_bin_come_back_too() {
    let world = synchronized();
    world.person("ana").deleted();
    world.cycle();
    world
        .person("ana")
        .restored()
        .department("Board")
        .manager("cem");
    world.cycle();
    let ana = world.live("ana");
    assert_eq!(ana.department(), "Board");
    assert_eq!(ana.manager.as_deref(), Some("cem"));
}

#[test]
fn a_purge_is_followed_by_a_hard_delete() {
    let world = synchronized();
    world.person("ana").deleted();
    world.cycle();
    world.person("ana").purged();
    // Cem loses his manager with it.
    check_cycle(
        &world,
        Counts {
            deleted: 1,
            updated: 1,
            references_removed: 1,
            ..Counts::default()
        },
    );
    assert_eq!(world.target_user("ana"), None);
    assert_eq!(
        world.outcomes("ana").last(),
        Some(&EvidenceOutcome::HardDeleted)
    );
    assert_eq!(world.traces().links.len(), 2, "nothing is left to follow");
    check_cycle(&world, Counts::default());
}

#[test]
fn deleted_and_purged_between_two_cycles() {
    let world = synchronized();
    world.person("ana").deleted().purged();
    let report = world.cycle();
    assert_eq!(report.counts.deleted, 1);
    assert_eq!(world.target_user("ana"), None);
    assert_eq!(world.live("cem").manager, None);
}

#[test]
fn hired_and_gone_between_two_cycles() {
    let world = synchronized();
    world.person("pia").deleted();
    world.person("quy").deleted().purged();
    let report = world.cycle();
    assert_eq!(
        report.counts,
        Counts {
            skipped: 2,
            ..Counts::default()
        }
    );
    assert_eq!(world.target_names(), ["ana", "bo", "cem"]);
}

#[test]
fn a_name_changes() {
    let world = synchronized();
    let before = world.live("ana").id;
    world.person("ana").renamed("hanna");
    check_cycle(
        &world,
        Counts {
            updated: 1,
            ..Counts::default()
        },
    );
    let after = world.live("ana");
    assert_eq!(after.id, before);
    assert_eq!(
        after.text(Attr::USER_PRINCIPAL_NAME),
        "hanna_contoso.example#EXT#@fabrikam.onmicrosoft.com"
    );
}

#[test]
fn a_manager_changes_and_goes() {
    let world = synchronized();
    world.person("ana").manager("cem");
    world.cycle();
    assert_eq!(world.live("ana").manager.as_deref(), Some("cem"));
    world.person("ana").without_manager();
    check_cycle(
        &world,
        Counts {
            updated: 1,
            references_removed: 1,
            ..Counts::default()
        },
    );
    assert_eq!(world.live("ana").manager, None);
}

#[test]
fn several_changes_of_one_person_count_once() {
    let world = synchronized().with_pages_of(1);
    // Three places of the change feed, three pages.
    world.person("ana").manager("cem");
    world.person("bo").department("Board");
    world.person("ana").department("Marketing");
    world.person("ana").assigned();
    let report = world.cycle();
    assert_eq!(
        report.counts,
        Counts {
            updated: 2,
            references_set: 1,
            ..Counts::default()
        }
    );
    assert_eq!(world.log().len(), 3 + 2);
}

#[test]
fn somebody_skipped_several_times_counts_once() {
    let world = synchronized().with_pages_of(1);
    world.person("dan").disabled().manager("bo");
    world.person("bo").department("Board");
    world.person("dan").department("Sales");
    let report = world.cycle();
    assert_eq!(
        report.counts,
        Counts {
            updated: 1,
            skipped: 1,
            ..Counts::default()
        }
    );
    assert_eq!(world.outcomes("dan").len(), 1);
}

#[test]
fn links_say_what_became_of_their_targets() {
    let world = synchronized();
    let states = |world: &World| {
        let links = world.traces().links;
        links.into_iter().map(|link| link.state).collect::<Vec<_>>()
    };
    assert_eq!(states(&world), [LinkState::Live; 3]);
    world.person("ana").deleted();
    world.cycle();
    let gone = states(&world)
        .iter()
        .filter(|it| **it == LinkState::SoftDeleted)
        .count();
    assert_eq!(gone, 1);
}
