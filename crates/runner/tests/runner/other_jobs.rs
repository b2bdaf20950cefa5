//! Several configurations between the same two tenants.

use serde::{Deserialize, Serialize};
use syncline_engine::evidence::EvidenceOutcome;
use syncline_engine::{Operation, SkipReason};
use syncline_model::job::Counts;
use syncline_model::{Attr, Clock as _, EntityKind, Ids as _, Job, JobId};
use syncline_store::{Document, Escrow, Reader, StoreError};

use crate::world::{World, map};

#[test]
fn two_jobs_that_claim_one_person_are_a_conflict() {
    let mut world = World::new();
    world.person("ana");
    assert_eq!(world.cycle().counts.created, 1);
    let before = world.live("ana");

    let first = world.another_configuration();
    let report = world.cycle();
    assert_eq!((report.counts.escrowed, report.counts.updated), (1, 0));
    let outcomes = world.outcomes("ana");
    let Some(EvidenceOutcome::Failed(failure)) = outcomes.last() else {
        panic!("{outcomes:?}");
    };
    assert_eq!(failure.code, "Conflict");
    assert!(
        failure.reason.contains(first.1.as_str()),
        "{}",
        failure.reason
    );
    assert_eq!(world.live("ana").attrs(), before.attrs());

    // The one who holds her goes on undisturbed.
    world.speak_of(first);
    world.person("ana").department("Sales");
    assert_eq!(world.cycle().counts.updated, 1);
    assert_eq!(world.live("ana").department(), "Sales");
}

#[test]
fn who_leaves_one_scope_for_another_is_handed_over() {
    let mut world = World::new();
    world.sync_assigned();
    let ana = world.person("ana").assigned();
    ana.department("Sales");
    assert_eq!(world.cycle().counts.created, 1);
    let before = world.live("ana");
    world.person("ana").unassigned();
    assert_eq!(world.cycle().counts.deleted, 1);

    // The second job finds her in the recycle bin and takes her over.
    let first = world.another_configuration();
    assert_eq!(world.cycle().counts.restored, 1);
    assert_eq!(world.live("ana").id, before.id);

    // The first job looks at her again, and leaves her to the second.
    let second = world.speak_of(first);
    world.person("ana").department("Production");
    let report = world.cycle();
    assert_eq!((report.counts.deleted, report.counts.skipped), (0, 1));
    assert_eq!(report.skipped_by_reason["HandedOver"], 1);
    assert_eq!(
        world.outcomes("ana").last(),
        Some(&EvidenceOutcome::Skipped(SkipReason::HandedOver))
    );
    assert!(world.live("ana").is_live());

    world.speak_of(second);
    assert_eq!(world.cycle().counts.updated, 1);
    assert_eq!(world.live("ana").department(), "Production");
}

/// What is wrong with its mappings is no reason to write to whom the other job has by now.
#[test]
fn whoever_was_handed_over_a_job_whose_mapping_fails_does_not_switch_off() {
    let mut world = World::new();
    world.sync_assigned();
    let fails = "IIF(IsPresent(CDate([jobTitle])), [IsSoftDeleted], [IsSoftDeleted])";
    world.change_schema(|schema| {
        map(schema, "IsSoftDeleted", fails);
        map(schema, "accountEnabled", "Not([IsSoftDeleted])");
    });
    world.person("ana").assigned();
    assert_eq!(world.cycle().counts.created, 1);
    world.person("ana").unassigned();
    assert_eq!(world.cycle().counts.deleted, 1);
    let first = world.another_configuration();
    assert_eq!(world.cycle().counts.restored, 1);

    world.speak_of(first);
    world.person("ana").set(Attr::JOB_TITLE, "no date");
    let planned = world.plan();
    let report = world.cycle();
    assert_eq!((report.counts.escrowed, report.counts.disabled), (0, 0));
    assert_eq!(report.skipped_by_reason["HandedOver"], 1);
    assert_eq!((planned.counts, planned.removals), (report.counts, 0));
    assert!(world.live("ana").is_enabled());
    assert_eq!(world.traces().escrows, 0);
}

/// What becomes of the job that a leaver is handed over to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holder {
    KeepsHer,
    IsPaused,
    HasUsersOff,
    LeadsElsewhere,
    HasNoReadableSchema,
    HasNoReadableSecrets,
}

/// What nobody can read who expects something else.
#[derive(Serialize, Deserialize)]
struct NoSchema;

impl Document for NoSchema {
    const KIND: &'static str = "synchronization_schema";
}

#[derive(Serialize, Deserialize)]
struct NoSecrets;

impl Document for NoSecrets {
    const KIND: &'static str = "synchronization_secrets";
    const SEALED: bool = true;
}

impl Holder {
    /// Happens to the job that is spoken of.
    fn happens(self, world: &World) {
        match self {
            Self::KeepsHer => {}
            Self::IsPaused => drop(world.pause()),
            Self::HasUsersOff => world.change_schema(|schema| {
                schema.synchronization_rules[0].object_mappings[0].enabled = false;
            }),
            Self::LeadsElsewhere => {
                let tailspin = world.tailspin();
                world.secret("CompanyId", &tailspin.to_string());
            }
            Self::HasNoReadableSchema => {
                let job = world.job.as_str().to_owned();
                world.write(|tx, context| {
                    Ok(tx.put_document(Some(context.tenant.id), &job, &NoSchema, None)?)
                });
            }
            Self::HasNoReadableSecrets => {
                let of = world.service_principal.to_string();
                world.write(|tx, context| {
                    Ok(tx.put_document(Some(context.tenant.id), &of, &NoSecrets, None)?)
                });
            }
        }
    }
}

#[test]
fn nobody_is_handed_over_to_a_job_that_does_nothing_for_her() {
    for (holder, is_handed_over) in [
        (Holder::KeepsHer, true),
        (Holder::IsPaused, true),
        (Holder::HasNoReadableSchema, true),
        (Holder::HasNoReadableSecrets, true),
        (Holder::HasUsersOff, false),
        (Holder::LeadsElsewhere, false),
    ] {
        let mut world = World::new();
        world.sync_assigned();
        world.person("ana").assigned();
        world.cycle();
        world.person("ana").unassigned();
        assert_eq!(world.cycle().counts.deleted, 1);
        let first = world.another_configuration();
        assert_eq!(world.cycle().counts.restored, 1);
        holder.happens(&world);

        world.speak_of(first);
        world.person("ana").deleted();
        let planned = world.plan();
        let report = world.cycle();
        let handed_over = report.skipped_by_reason.contains_key("HandedOver");
        assert_eq!(
            (handed_over, report.counts.deleted),
            (is_handed_over, u64::from(!is_handed_over)),
            "{holder:?}"
        );
        assert_eq!(planned.counts, report.counts, "{holder:?}");
        let ana = world.person("ana").in_target().unwrap();
        assert_eq!(ana.is_live(), is_handed_over, "{holder:?}");
    }
}

/// The job that she comes to runs before the one that she leaves: it fails, and is not to wait for hours.
#[test]
fn who_is_let_go_after_another_job_has_failed_for_her_is_its_in_its_next_cycle() {
    for kept in [false, true] {
        let mut world = World::new();
        world.sync_assigned();
        world.secret("SkipOutOfScopeDeletions", &kept.to_string());
        world.person("ana").assigned();
        assert_eq!(world.cycle().counts.created, 1);
        let before = world.live("ana");
        world.person("ana").unassigned();

        let first = world.another_configuration();
        assert_eq!(world.cycle().counts.escrowed, 1);
        assert_eq!(world.cycle().counts, Counts::default());

        let second = world.speak_of(first);
        let let_go = world.cycle().counts;
        assert_eq!(
            (let_go.deleted, let_go.skipped),
            (u64::from(!kept), u64::from(kept))
        );

        world.speak_of(second);
        let report = world.cycle();
        assert_eq!(
            (report.counts.escrowed, report.error),
            (0, None),
            "kept: {kept}"
        );
        assert_eq!(world.live("ana").id, before.id);
        assert_eq!(world.linked(world.person("ana").id), Some(before.id));
    }
}

/// Makes so many jobs of the tenant in which somebody failed.
fn many_jobs_fail(world: &World, count: usize) {
    let (contoso, now) = (world.contoso.id, world.clock.now());
    let like = world.stored_job();
    let written = world.store.write(|tx| {
        for number in 0..count {
            let job = Job {
                id: JobId(format!("Azure2Azure.many{number}")),
                // Of no configuration that is there.
                service_principal: world.ids.object_id(),
                next_due: None,
                ..like.clone()
            };
            tx.insert_job(&job)?;
            let failed = Escrow {
                source: world.ids.object_id(),
                kind: EntityKind::User,
                first_failed: now,
                attempts: 1,
                next_attempt: Escrow::NEVER,
                failure: "{}".to_owned(),
                waits_for: None,
            };
            tx.put_escrows(contoso, &job.id, &[failed])?;
        }
        Ok::<_, StoreError>(())
    });
    written.unwrap();
}

/// No page asks all of them for everybody whom it lets go.
#[test]
fn whoever_is_let_go_among_many_is_another_jobs_in_its_next_cycle_also_where_many_jobs_fail() {
    const PEOPLE: usize = 90;
    let mut world = World::new().with_pages_of(200);
    world.sync_assigned();
    for person in world.people("p", PEOPLE) {
        person.assigned();
    }
    let all = PEOPLE as u64;
    assert_eq!(world.cycle().counts.created, all);
    for number in 0..PEOPLE {
        world.person(&format!("p{number}")).unassigned();
    }
    let first = world.another_configuration();
    assert_eq!(world.cycle().counts.escrowed, all);
    many_jobs_fail(&world, 300);

    let has_to_wake = |world: &World| {
        let has = |reader: &Reader<'_>| reader.has_to_wake(world.contoso.id);
        world.store.read(has).unwrap()
    };
    let second = world.speak_of(first);
    assert_eq!(world.cycle().counts.deleted, all);
    assert!(has_to_wake(&world));
    world.speak_of(second);
    let report = world.cycle();
    assert_eq!((report.counts.restored, report.counts.escrowed), (all, 0));
    assert!(!has_to_wake(&world));
}

const SIX_HOURS: i64 = 6 * 60 * 60;

fn given_up(world: &World) -> u64 {
    let given_up =
        |reader: &syncline_store::Reader<'_>| reader.count_given_up(world.contoso.id, &world.job);
    world.store.read(given_up).unwrap()
}

/// So many cycles, a day after each other.
fn days(world: &World, days: u32) {
    for _ in 0..days {
        world.clock.advance_seconds(4 * SIX_HOURS);
        world.cycle();
    }
}

/// By the times of before, the next failure would be the last.
#[test]
fn who_is_let_go_after_another_job_has_given_her_up_is_tried_by_the_timetable_again() {
    let mut world = World::new();
    world.sync_assigned();
    world.person("ana").assigned();
    world.cycle();
    world.person("ana").unassigned();
    let first = world.another_configuration();
    world.cycle();
    days(&world, 30);
    assert_eq!(given_up(&world), 1);

    let second = world.speak_of(first);
    world.cycle();
    world.speak_of(second);
    world.target_refuses(|operation| matches!(operation, Operation::Restore { .. }));
    assert_eq!(world.cycle().counts.escrowed, 1);
    assert_eq!(given_up(&world), 0);
    world.target_refuses(|_| false);
    world.clock.advance_seconds(SIX_HOURS);
    assert_eq!(world.cycle().counts.restored, 1);
    assert!(world.live("ana").is_live());
}

/// What becomes of the job that has her.
#[derive(Clone, Copy, Debug)]
enum End {
    Deleted,
    Elsewhere,
}

#[test]
fn who_was_in_the_way_of_another_job_is_its_when_the_first_one_is_deleted_or_works_elsewhere() {
    for (end, waits) in [
        (End::Deleted, 0),
        (End::Deleted, 30),
        (End::Elsewhere, 0),
        (End::Elsewhere, 30),
    ] {
        let mut world = World::new();
        world.person("ana");
        world.cycle();
        let before = world.live("ana");
        let first = world.another_configuration();
        assert_eq!(world.cycle().counts.escrowed, 1);
        days(&world, waits);
        assert_eq!(given_up(&world), u64::from(waits > 0));

        match end {
            End::Deleted => {
                let contoso = world.contoso.id;
                world.runner.delete_job(contoso, &first.1).unwrap();
                while world.runner.sweep_deleted_jobs(contoso).unwrap().more {}
            }
            End::Elsewhere => {
                let second = world.speak_of(first);
                let tailspin = world.tailspin();
                world.secret("CompanyId", &tailspin.to_string());
                assert_eq!(world.cycle_without_checks().counts.created, 1);
                world.speak_of(second);
            }
        }
        assert_eq!(world.cycle().counts.updated, 1, "{end:?}, {waits} days");
        assert_eq!(world.linked(world.person("ana").id), Some(before.id));
    }
}
