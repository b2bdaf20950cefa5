//! What is decided before a page's transaction is carried out only if it would be decided inside, too:
//! somebody else has written in the meantime.

use syncline_engine::SkipReason;
use syncline_engine::evidence::EvidenceOutcome;
use syncline_model::job::{Counts, CycleState};
use syncline_model::link::LinkState;
use syncline_model::{EntityKind, JobId, Link, Timestamp};
use syncline_runner::OnDemandSubject;

use crate::world::{World, before_page};

/// Provisions somebody by a rule of any job, in another process.
fn provision_by(world: &World, job: &JobId, rule: &str, name: &str) {
    let subject = OnDemandSubject {
        kind: EntityKind::User,
        id: world.person(name).id,
        members: Vec::new(),
    };
    world
        .another_process()
        .provision_on_demand(world.contoso.id, job, &[rule], &[subject])
        .unwrap();
}

#[test]
fn somebody_who_came_in_the_meantime_was_not_skipped() {
    let world = World::new().with_pages_of(1);
    world.sync_assigned();
    let ana = world.person("ana");
    let report = world.cycle_watched_by(&before_page(1, || {
        ana.assigned();
        world.provision(ana.id).unwrap();
    }));
    assert_eq!(
        report.counts,
        Counts {
            unchanged: 1,
            ..Counts::default()
        }
    );
    let outcomes = world.outcomes("ana");
    assert!(
        !outcomes
            .iter()
            .any(|it| matches!(it, EvidenceOutcome::Skipped(_))),
        "{outcomes:?}"
    );
    assert_eq!(world.cycle().counts.created, 0);
}

#[test]
fn somebody_who_was_restored_in_the_meantime_is_not_restored_again() {
    // The first page of a later cycle is that of those who are to be tried again.
    for page in 1..=2 {
        let world = World::new().with_pages_of(1);
        world.sync_assigned();
        let ana = world.person("ana").assigned();
        world.cycle();
        ana.unassigned();
        assert_eq!(world.cycle().counts.deleted, 1);
        ana.assigned();
        let report = world.cycle_watched_by(&before_page(page, || {
            world.provision(ana.id).unwrap();
        }));
        assert_eq!(
            report.counts,
            Counts {
                unchanged: 1,
                ..Counts::default()
            },
            "before page {page}"
        );
        assert!(world.live("ana").is_live());
    }
}

/// A person whom the first of two jobs has deleted, and whom the second one is to take over in its next cycle.
/// Told are the first one, and its rule.
fn left_for_another(world: &mut World) -> (JobId, String) {
    world.sync_assigned();
    world.person("ana").assigned();
    assert_eq!(world.cycle().counts.created, 1);
    world.person("ana").unassigned();
    assert_eq!(world.cycle().counts.deleted, 1);
    let rule = world.rule();
    let (_, job) = world.another_configuration();
    (job, rule)
}

#[test]
fn whom_another_job_has_taken_back_in_the_meantime_is_not_taken_from_it() {
    let mut world = World::new().with_pages_of(1);
    let first = (world.service_principal, world.job.clone());
    let (job, rule) = left_for_another(&mut world);
    let second = world.speak_of(first.clone());
    world.person("ana").assigned();
    world.speak_of(second.clone());
    let report = world.cycle_watched_by(&before_page(1, || {
        provision_by(&world, &job, &rule, "ana");
    }));
    assert_eq!(
        (report.counts.restored, report.counts.escrowed),
        (0, 1),
        "{:?}",
        report.counts
    );
    let ana = world.person("ana").id;
    assert_eq!(world.linked(ana), None);
    world.speak_of(first);
    assert_eq!(world.linked(ana), Some(world.live("ana").id));
}

#[test]
fn whom_another_job_has_let_go_in_the_meantime_was_not_handed_over() {
    for page in 1..=2 {
        let mut world = World::new().with_pages_of(1);
        let first = (world.service_principal, world.job.clone());
        left_for_another(&mut world);
        world.sync_assigned();
        world.person("ana").assigned();
        assert_eq!(world.cycle().counts.restored, 1);
        let (rule, second) = (world.rule(), world.job.clone());
        world.person("ana").unassigned();
        world.speak_of(first);
        world.person("ana").department("Production");
        let report = world.cycle_watched_by(&before_page(page, || {
            provision_by(&world, &second, &rule, "ana");
        }));
        assert!(
            !report.skipped_by_reason.contains_key("HandedOver"),
            "before page {page}: {report:?}"
        );
        assert_ne!(
            world.outcomes("ana").last(),
            Some(&EvidenceOutcome::Skipped(SkipReason::HandedOver))
        );
    }
}

#[test]
fn whose_target_object_was_linked_to_somebody_else_in_the_meantime_does_not_get_it() {
    for page in 1..=2 {
        let world = World::new().with_pages_of(1);
        let [ana, bea] = ["ana", "bea"].map(|name| world.person(name).id);
        world.cycle();
        let hers = world.live("ana").id;
        let (tenant, job) = (world.contoso.id, &world.job);
        let deleted = world
            .store
            .write(|tx| tx.delete_links(tenant, job, &[ana, bea]));
        deleted.unwrap();
        world.person("ana").department("Production");
        let report = world.try_cycle(&before_page(page, || {
            let link = Link {
                source: bea,
                target: hers,
                kind: EntityKind::User,
                state: LinkState::Live,
                since: Timestamp(1),
                matching: 0,
                was_released: false,
            };
            let put = world.store.write(|tx| tx.put_links(tenant, job, &[link]));
            put.unwrap();
        }));
        let report = report.unwrap();
        assert_eq!(
            (report.state, report.counts.escrowed),
            (CycleState::EntryLevelErrors, 1),
            "before page {page}: {report:?}"
        );
        assert_eq!(world.linked(bea), Some(hers));
        assert_eq!(world.linked(ana), None);
    }
}

#[test]
fn a_source_object_that_changed_in_the_meantime_is_as_it_is_after_the_next_cycle() {
    for page in 1..=3 {
        let world = World::new().with_pages_of(1);
        for name in ["ana", "bea", "cleo"] {
            world.person(name).department("Sales");
        }
        world.cycle_watched_by(&before_page(page, || {
            for name in ["ana", "bea", "cleo"] {
                world.person(name).department("Production");
            }
        }));
        assert_eq!(world.target_names().len(), 3);
        world.cycle();
        for name in ["ana", "bea", "cleo"] {
            assert_eq!(world.live(name).department(), "Production", "page {page}");
        }
    }
}

#[test]
fn a_manager_who_was_taken_in_the_meantime_is_not_removed_once_more() {
    for page in 1..=2 {
        let world = World::new().with_pages_of(1);
        world.person("bo");
        world.person("ana").manager("bo");
        world.cycle();
        let ana = world.live("ana").id;
        world.person("ana").without_manager();
        let taken = before_page(page, || world.fabrikam_takes_manager(ana));
        assert_eq!(
            world.cycle_watched_by(&taken).counts,
            Counts {
                unchanged: 1,
                ..Counts::default()
            },
            "before page {page}"
        );
        assert_eq!(world.outcomes("ana").len(), 1, "only that she was created");
    }
}
