//! Why somebody is or is not in the target, in each of the ways this may be.

use syncline_engine::evidence::EvidenceOutcome;
use syncline_engine::{Evidence, Failure, SkipReason};
use syncline_model::job::ScheduleState;
use syncline_model::{Attr, EntityKind, ObjectId, ProblemKind};
use syncline_runner::{EndState, Explanation, Obstacle, Verdict};

use crate::world::World;

/// Asks, and makes sure that nothing was written.
fn explain(world: &World, name: &str) -> Explanation {
    explain_id(world, world.person(name).id)
}

fn explain_id(world: &World, id: ObjectId) -> Explanation {
    let before = (world.traces(), world.stored_job());
    let explained = world
        .runner
        .explain(world.contoso.id, &world.job, EntityKind::User, id)
        .unwrap();
    assert_eq!((world.traces(), world.stored_job()), before);
    explained
}

fn outcome(explained: &Explanation) -> &EvidenceOutcome {
    &explained.evidence.as_ref().unwrap().outcome
}

/// Out of scope and kept, he was deleted with his source, which is back.
#[test]
fn whoever_was_released_and_deleted_is_told_to_come_back() {
    let world = World::new();
    world.secret("SkipOutOfScopeDeletions", "true");
    world.scope_to("department", "Sales");
    world.person("ana").department("Sales");
    world.cycle();
    world.person("ana").department("Other");
    world.cycle();
    world.person("ana").deleted();
    world.cycle();
    world.person("ana").restored();
    let explained = explain(&world, "ana");
    assert_eq!(explained.verdict, Verdict::Removed);
    assert_eq!(explained.target, Some(EndState::InRecycleBin));
    assert_eq!(outcome(&explained), &EvidenceOutcome::Restored);
    assert!(explained.is_let_go_again);
    world.cycle();
    let explained = explain(&world, "ana");
    assert_eq!(explained.verdict, Verdict::Released);
    assert_eq!(explained.target, Some(EndState::Live));
}

#[test]
fn somebody_who_is_kept_in_step_is_found_from_both_ends() {
    let world = World::new();
    world.person("ana");
    world.cycle();
    let explained = explain(&world, "ana");
    assert_eq!(explained.verdict, Verdict::InTarget);
    assert_eq!(explained.target, Some(EndState::Live));
    assert_eq!(
        outcome(&explained),
        &EvidenceOutcome::Unchanged { adopted: false }
    );
    assert_eq!(explain_id(&world, world.live("ana").id), explained);
}

#[test]
fn a_change_that_no_cycle_has_seen_is_told_as_the_next_one_makes_it() {
    let world = World::new();
    world.person("ana");
    world.cycle();
    world.person("ana").department("Sales");
    let explained = explain(&world, "ana");
    assert_eq!(explained.verdict, Verdict::InTarget);
    let told = explained.evidence.unwrap();
    world.cycle();
    let log = world.log();
    assert_eq!(told.modified, log.last().unwrap().modified);
    assert_eq!(told.outcome, log.last().unwrap().outcome);
}

#[test]
fn somebody_of_whom_nothing_was_decided_yet() {
    let world = World::new();
    world.person("ana");
    assert_eq!(explain(&world, "ana").verdict, Verdict::Changed);
    assert_eq!(outcome(&explain(&world, "ana")), &EvidenceOutcome::Created);
    world.cycle();
    world.person("bo");
    assert_eq!(explain(&world, "bo").verdict, Verdict::Changed);
}

#[test]
fn whoever_is_skipped_is_told_the_reason_of_the_log() {
    let world = World::new();
    world.scope_to("department", "Sales");
    world.person("ana");
    world.person("bo").department("Sales").disabled();
    world.cycle();
    for (name, reason) in [
        ("ana", SkipReason::NotInProvisioningScope),
        ("bo", SkipReason::NotEffectivelyEntitled),
    ] {
        let explained = explain(&world, name);
        assert_eq!(explained.verdict, Verdict::Skipped);
        assert_eq!(outcome(&explained), &EvidenceOutcome::Skipped(reason));
        assert_eq!(world.outcomes(name).last(), Some(outcome(&explained)));
    }
    let scoping = explain(&world, "ana").evidence.unwrap().scoping.unwrap();
    assert!(scoping.clauses.iter().any(|(_, passed)| !passed));
}

#[test]
fn whoever_was_removed_waits_in_the_recycle_bin_until_he_is_gone() {
    let world = World::new();
    world.people("p", 3);
    world.cycle();
    world.person("p0").deleted();
    world.cycle();
    let explained = explain(&world, "p0");
    assert_eq!(explained.verdict, Verdict::Removed);
    assert_eq!(explained.target, Some(EndState::InRecycleBin));
    let guest = world.target_user("p0").unwrap().id;
    world.fabrikam_purges(guest);
    assert_eq!(explain(&world, "p0").verdict, Verdict::RemovedForGood);
}

#[test]
fn whoever_was_deleted_in_the_target_is_told_so() {
    let world = World::new();
    world.people("p", 3);
    world.cycle();
    let guest = world.live("p0").id;
    world.fabrikam_deletes(guest);
    assert_eq!(explain(&world, "p0").verdict, Verdict::DeletedInTarget);
    world.fabrikam_purges(guest);
    assert_eq!(explain(&world, "p0").verdict, Verdict::GoneFromTarget);
}

#[test]
fn whoever_left_the_scope_and_stays_is_told_so() {
    let world = World::new();
    world.secret("SkipOutOfScopeDeletions", "true");
    world.scope_to("department", "Sales");
    world.person("ana").department("Sales");
    world.person("bo").department("Sales");
    world.cycle();
    world.person("ana").department("Other");
    world.cycle();
    assert_eq!(explain(&world, "ana").verdict, Verdict::Released);
}

#[test]
fn a_removal_that_is_held_is_told_so() {
    let world = World::new();
    world.threshold(1);
    world.people("p", 3);
    world.cycle();
    world.person("p0").deleted();
    world.cycle();
    let explained = explain(&world, "p0");
    assert_eq!(explained.verdict, Verdict::Held);
    // Everything else goes on.
    assert_eq!(explained.obstacles, []);
    assert_eq!(explain(&world, "p1").verdict, Verdict::InTarget);
}

/// What happens beside, with what word the account is switched off then, and what else changes.
type WayToSwitchOff = (fn(&World), EvidenceOutcome, &'static [&'static str]);

/// Beside other changes, an account is switched off by what is told as an update. While its user is matched anew, it is by
/// the link that matching makes.
const WAYS_TO_SWITCH_OFF: [WayToSwitchOff; 3] = [
    (
        |world| {
            world.person("p0").department("Sales");
        },
        EvidenceOutcome::Updated { adopted: false },
        &["accountEnabled", "department"],
    ),
    (
        |world| world.restart("Full"),
        EvidenceOutcome::Disabled,
        &["accountEnabled"],
    ),
    (
        |world| {
            world.person("p0").department("Sales");
            world.restart("Full");
        },
        EvidenceOutcome::Updated { adopted: false },
        &["accountEnabled", "department"],
    ),
];

#[test]
fn whoever_is_switched_off_is_told_beforehand_as_the_log_tells_it() {
    for (beside, outcome, names) in WAYS_TO_SWITCH_OFF {
        for held in [true, false] {
            let world = World::new();
            world.threshold(if held { 1 } else { 2 });
            world.people("p", 3);
            world.cycle();
            let p0 = world.person("p0").disabled().id;
            beside(&world);
            let told = explain(&world, "p0").evidence.unwrap();
            assert_eq!(told.outcome, outcome);
            let mut changed: Vec<&str> = told.modified.iter().map(|it| it.name.as_str()).collect();
            changed.sort_unstable();
            assert_eq!(changed, names);

            let planned = world.plan();
            assert_eq!((planned.removals, planned.held), (1, held));
            assert_eq!(world.cycle().counts, planned.counts);
            let of_p0 = |it: &Evidence| it.source == p0;
            let logged = world.log().into_iter().rfind(of_p0).unwrap();
            let (word, verdict) = match held {
                true => (EvidenceOutcome::Staged, Verdict::Held),
                false => (outcome.clone(), Verdict::InTarget),
            };
            assert_eq!(logged.outcome, word);
            assert_eq!(logged.modified, told.modified);
            assert_eq!(explain(&world, "p0").verdict, verdict);
        }
    }
}

/// How somebody was found anew stays told, though he is switched off by the link that came of it.
#[test]
fn whoever_is_matched_anew_and_switched_off_is_told_with_what_matched() {
    let world = World::new();
    world.people("p", 3);
    world.cycle();
    world.person("p0").disabled();
    world.restart("Full");
    let matching = explain(&world, "p0").evidence.unwrap().matching.unwrap();
    assert_eq!(matching.found, [world.live("p0").id]);
    assert_eq!(matching.attribute.unwrap().0, "alternativeSecurityIds");
}

#[test]
fn whoever_fails_is_told_with_the_next_try_and_the_target_is_asked_before() {
    let world = World::new();
    world.internal_user_of_fabrikam("ana@contoso.example");
    world.person("ana");
    let foreseen = explain(&world, "ana");
    assert_eq!(foreseen.verdict, Verdict::WouldFail);
    world.cycle();
    let explained = explain(&world, "ana");
    assert_eq!(explained.verdict, Verdict::Failed);
    let escrow = explained.escrow.unwrap();
    let stored: Failure = serde_json::from_str(&escrow.failure).unwrap();
    let EvidenceOutcome::Failed(failure) = foreseen.evidence.unwrap().outcome else {
        panic!("it would not fail");
    };
    assert_eq!(failure.code, stored.code);
}

#[test]
fn whoever_was_given_up_is_told_so() {
    let world = World::new();
    world.internal_user_of_fabrikam("ana@contoso.example");
    world.person("ana");
    world.cycle();
    for _ in 0..60 {
        world.clock.advance_seconds(24 * 60 * 60);
        world.cycle();
    }
    assert_eq!(explain(&world, "ana").verdict, Verdict::GivenUp);
}

#[test]
fn a_job_that_stands_still_says_so_whoever_is_asked_about() {
    let world = World::new();
    world.person("ana");
    world.cycle();
    world.pause();
    let explained = explain(&world, "ana");
    assert_eq!(explained.obstacles, [Obstacle::Paused]);
    assert_eq!(explained.verdict, Verdict::InTarget);
}

#[test]
fn of_a_target_that_lets_nobody_in_nothing_is_read() {
    let world = World::new();
    world.person("ana");
    world.cycle();
    world.person("bo");
    world.contoso_policy(|partner| partner.redemption.outbound_allowed = Some(false));
    let explained = explain(&world, "ana");
    assert!(matches!(
        &explained.obstacles[..],
        [Obstacle::Refused { code, .. }]
            if code == "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure"
    ));
    assert_eq!(explained.verdict, Verdict::InTarget);
    assert_eq!((explained.target, explained.evidence), (None, None));
    assert_eq!(explain(&world, "bo").verdict, Verdict::Unknown);
    // A cycle that fails for it brings quarantine as well.
    world.cycle_without_checks();
    let explained = explain(&world, "bo");
    assert!(matches!(
        &explained.obstacles[..],
        [
            Obstacle::Quarantine {
                let_in_again: false,
                ..
            },
            Obstacle::Refused { .. }
        ]
    ));
    // Nobody is told to set what is set.
    world.contoso_consents();
    let explained = explain(&world, "bo");
    assert!(matches!(
        &explained.obstacles[..],
        [Obstacle::Quarantine {
            message: None,
            let_in_again: true,
            ..
        }]
    ));
}

#[test]
fn references_that_wait_are_named_at_both_ends() {
    let world = World::new();
    world.person("kai").disabled();
    world.person("ana").manager("kai");
    world.cycle();
    let [waits] = &explain(&world, "ana").waits_for[..] else {
        panic!("one reference waits");
    };
    assert_eq!(
        (waits.id, waits.attribute.as_str()),
        (world.person("kai").id, "manager")
    );
    let [waited] = &explain(&world, "kai").waited_for[..] else {
        panic!("one reference waits for him");
    };
    assert_eq!(waited.id, world.person("ana").id);
}

#[test]
fn another_job_that_holds_the_target_object_is_named() {
    let mut world = World::new();
    world.person("ana");
    world.cycle();
    let first = world.another_configuration();
    let explained = explain(&world, "ana");
    assert_eq!(explained.verdict, Verdict::WouldFail);
    let EvidenceOutcome::Failed(failure) = outcome(&explained) else {
        panic!("{explained:?}");
    };
    assert_eq!(failure.code, "Conflict");
    let [holder] = &explained.holders[..] else {
        panic!("{:?}", explained.holders);
    };
    assert_eq!(
        (&holder.job, holder.target),
        (&first.1, world.live("ana").id)
    );
}

#[test]
fn a_redacted_value_is_not_told() {
    let world = World::new();
    world.person("ana");
    world.cycle();
    world.map("department", "Redact(ToUpper([department]))");
    world.person("ana").department("Sales");
    let told = format!("{:?}", explain(&world, "ana").evidence.unwrap().modified);
    assert!(
        told.contains("[Redact]") && !told.contains("SALES"),
        "{told}"
    );
}

#[test]
fn a_group_without_consent_would_fail_with_the_reason_of_the_target() {
    let world = World::new();
    world.groups_flow();
    world.fabrikam_lets_groups_in(false);
    world.person("ana");
    let group = world.group("Team").id;
    let explained = world
        .runner
        .explain(world.contoso.id, &world.job, EntityKind::Group, group)
        .unwrap();
    assert_eq!(explained.verdict, Verdict::WouldFail);
}

#[test]
fn whom_nobody_knows_is_not_found() {
    let world = World::new();
    let stranger = world.internal_user_of_fabrikam("x@fabrikam.example");
    for unknown in [stranger, ObjectId(uuid::Uuid::from_u128(99))] {
        let problem = world
            .runner
            .explain(world.contoso.id, &world.job, EntityKind::User, unknown)
            .unwrap_err();
        assert_eq!(problem.kind, ProblemKind::NotFound);
    }
}

#[test]
fn whoever_is_gone_from_the_source_is_known_by_the_link() {
    let world = World::new();
    world.people("p", 3);
    world.cycle();
    world.person("p0").deleted().purged();
    let explained = explain(&world, "p0");
    assert_eq!(explained.verdict, Verdict::InTarget);
    assert_eq!(outcome(&explained), &EvidenceOutcome::HardDeleted);
}

#[test]
fn it_is_explained_while_a_cycle_runs() {
    let world = World::new().with_pages_of(1);
    world.people("p", 4);
    let last = world.person("p3").id;
    let observer = crate::world::after_first_page(|| {
        let explained = world
            .runner
            .explain(world.contoso.id, &world.job, EntityKind::User, last)
            .unwrap();
        assert_eq!(explained.verdict, Verdict::InCycle);
        assert_eq!(outcome(&explained), &EvidenceOutcome::Created);
    });
    assert_eq!(world.cycle_watched_by(&observer).counts.created, 4);
}

#[test]
fn whoever_is_asked_for_as_another_kind_is_not_taken_for_one_who_is_gone() {
    let world = World::new();
    world.groups_flow();
    world.fabrikam_lets_groups_in(true);
    world.person("ana");
    let group = world.group("Team").id;
    world.cycle();
    let asked = |kind, id| world.runner.explain(world.contoso.id, &world.job, kind, id);
    let explained = asked(EntityKind::Group, group).unwrap();
    assert_eq!(explained.verdict, Verdict::InTarget);
    let target = explained.link.unwrap().target;
    let ana = world.person("ana").id;
    for (kind, id) in [
        (EntityKind::User, group),
        (EntityKind::User, target),
        (EntityKind::Group, ana),
        (EntityKind::Group, world.live("ana").id),
    ] {
        let problem = asked(kind, id).unwrap_err();
        assert_eq!(problem.kind, ProblemKind::BadRequest, "{problem:?}");
    }
}

#[test]
fn whoever_somebody_restored_in_the_target_is_told_so() {
    let world = World::new();
    world.people("p", 3);
    world.cycle();
    world.person("p0").deleted();
    world.cycle();
    let guest = world.target_user("p0").unwrap().id;
    world.fabrikam_restores(guest);
    let explained = explain(&world, "p0");
    assert_eq!(explained.verdict, Verdict::RestoredInTarget);
    assert_eq!(explained.target, Some(EndState::Live));
}

#[test]
fn a_removal_that_is_not_wanted_any_more_is_not_held() {
    let world = World::new();
    world.threshold(1);
    world.people("p", 3);
    world.cycle();
    world.person("p0").deleted();
    world.cycle();
    assert_eq!(explain(&world, "p0").verdict, Verdict::Held);
    world.person("p0").restored();
    assert_eq!(explain(&world, "p0").verdict, Verdict::InTarget);
}

#[test]
fn of_a_job_that_was_never_started_that_is_said() {
    let world = World::new();
    world.person("ana");
    let mut job = world.stored_job();
    (job.state, job.started_at, job.next_due) = (ScheduleState::Disabled, None, None);
    world.store.write(|tx| tx.update_job(&job)).unwrap();
    let explained = explain(&world, "ana");
    assert_eq!(explained.obstacles, [Obstacle::NotStarted]);
    assert_eq!(explained.verdict, Verdict::NotStarted);
}

/// What a wrong schema is told with may name what is in the target.
#[test]
fn of_a_target_that_lets_nobody_in_no_name_is_looked_up_and_no_schema_spoken_of() {
    let world = World::new();
    world.person("ana");
    world.cycle();
    let name = world.live("ana");
    let name = name.text(Attr::USER_PRINCIPAL_NAME);
    let found = || {
        world.store.read(|reader| {
            let job = world.stored_job();
            world.runner.sources_of_target_user(reader, &job, name)
        })
    };
    let outbound = |allowed| {
        world.contoso_policy(|partner| partner.redemption.outbound_allowed = Some(allowed));
    };
    assert_eq!(found().unwrap(), [world.person("ana").id]);
    outbound(false);
    assert_eq!(found().unwrap(), []);
    outbound(true);
    world.change_schema(|schema| {
        let mappings = &mut schema.synchronization_rules[0].object_mappings[0];
        mappings.attribute_mappings[0].target_attribute_name = Some("nothingLikeIt".to_owned());
    });
    assert!(matches!(
        &explain(&world, "ana").obstacles[..],
        [Obstacle::Unusable { message, .. }] if message.contains("nothingLikeIt")
    ));
    assert_eq!(found().unwrap(), [world.person("ana").id]);
    outbound(false);
    assert!(matches!(
        &explain(&world, "ana").obstacles[..],
        [Obstacle::Refused { .. }]
    ));
}

#[test]
fn a_removal_that_a_cycle_has_not_counted_yet_is_put_aside() {
    let world = World::new().with_pages_of(1);
    world.people("p", 3);
    world.cycle();
    let p0 = world.person("p0").deleted().id;
    world.person("p1").department("Sales");
    // The first page has p1, the second p0.
    let observer = crate::world::AfterPage::new(|page, _: &_| {
        if page == 2 {
            let explained = world
                .runner
                .explain(world.contoso.id, &world.job, EntityKind::User, p0)
                .unwrap();
            assert_eq!(explained.verdict, Verdict::PutAside);
            assert_eq!(outcome(&explained), &EvidenceOutcome::SoftDeleted);
        }
    });
    assert_eq!(world.cycle_watched_by(&observer).counts.deleted, 1);
    assert_eq!(explain(&world, "p0").verdict, Verdict::Removed);
}

#[test]
fn what_the_schema_does_not_know_is_not_mapped() {
    let world = World::new();
    let crew = world.group("crew").id;
    world.change_schema(|schema| {
        for rule in &mut schema.synchronization_rules {
            let is_group = |name: &Option<String>| name.as_deref() == Some("Group");
            rule.object_mappings
                .retain(|it| !is_group(&it.source_object_name));
        }
    });
    let explained = world
        .runner
        .explain(world.contoso.id, &world.job, EntityKind::Group, crew)
        .unwrap();
    assert_eq!(explained.verdict, Verdict::NotMapped);
    assert_eq!(explained.evidence, None);
}
