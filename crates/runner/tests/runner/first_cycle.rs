//! The first cycle: who is created, who is skipped and why, who gets a manager.

use std::collections::BTreeMap;

use syncline_engine::SkipReason;
use syncline_engine::evidence::EvidenceOutcome;
use syncline_model::Attr;
use syncline_model::job::{Counts, CycleKind, CycleState};

use crate::world::World;

#[test]
fn enabled_internal_members_are_created_and_the_others_skipped() {
    let world = World::new();
    world.person("ana").department("Sales").manager("bo");
    world.person("dan").disabled();
    world.person("gus").guest();
    world.person("eve").external();
    world.person("lea").deleted();

    let report = world.cycle();

    assert_eq!(report.kind, CycleKind::Initial);
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(
        report.counts,
        Counts {
            created: 2,
            skipped: 3,
            references_set: 1,
            ..Counts::default()
        }
    );
    let skipped = [
        ("ExternalUser", 1),
        ("InternalGuest", 1),
        ("NotEffectivelyEntitled", 1),
    ];
    assert_eq!(
        report.skipped_by_reason,
        BTreeMap::from(skipped.map(|(reason, count)| (reason.to_owned(), count)))
    );
    assert_eq!(world.target_names(), ["ana", "bo"]);
    assert_eq!(world.live("ana").manager.as_deref(), Some("bo"));
}

#[test]
fn a_created_user_is_an_external_member_of_the_target() {
    let world = World::new();
    world.person("ana").department("Sales");
    world.cycle();

    let ana = world.live("ana");
    assert_eq!(
        ana.text(Attr::USER_PRINCIPAL_NAME),
        "ana_contoso.example#EXT#@fabrikam.onmicrosoft.com"
    );
    assert_eq!(ana.text(Attr::USER_TYPE), "Member");
    assert_eq!(ana.text(Attr::CREATION_TYPE), "Invitation");
    assert_eq!(ana.text(Attr::EXTERNAL_USER_STATE), "Accepted");
    assert_eq!(ana.text(Attr::DISPLAY_NAME), "ana of Contoso");
    assert_eq!(ana.text(Attr::MAIL), "ana@contoso.example");
    assert_eq!(ana.department(), "Sales");
    assert!(ana.is_enabled());
    assert_eq!(ana.attrs().bool(Attr::SHOW_IN_ADDRESS_LIST), Some(true));
}

#[test]
fn each_person_has_one_line_in_the_log() {
    let world = World::new();
    world.person("ana");
    world.person("dan").disabled();
    let report = world.cycle();

    assert_eq!(world.outcomes("ana"), [EvidenceOutcome::Created]);
    let skipped = EvidenceOutcome::Skipped(SkipReason::NotEffectivelyEntitled);
    assert_eq!(world.outcomes("dan"), [skipped]);
    assert!(
        world
            .log_rows()
            .iter()
            .all(|row| row.cycle == report.cycle_id && row.job == world.job)
    );
    let created = &world.log()[0];
    assert_eq!(created.target, Some(world.live("ana").id));
    assert_eq!(created.source_name, "ana@contoso.example");
}

#[test]
fn managers_out_of_scope_are_waited_for_and_served_without_a_restart() {
    let world = World::new();
    world.person("zoe").disabled();
    world.person("kai").manager("zoe").disabled();
    for name in ["ana", "bea", "cem"] {
        world.person(name).manager("kai");
    }
    let first = world.cycle();
    assert_eq!(
        first.counts,
        Counts {
            created: 3,
            skipped: 2,
            references_pending: 3,
            ..Counts::default()
        }
    );
    assert_eq!(world.live("ana").manager, None);

    world.person("kai").enabled();
    let second = world.cycle();

    assert_eq!(second.kind, CycleKind::Incremental);
    assert_eq!(
        second.counts,
        Counts {
            created: 1,
            references_set: 3,
            references_pending: 1,
            ..Counts::default()
        },
        "kai's own manager is still gone"
    );
    for name in ["ana", "bea", "cem"] {
        assert_eq!(world.live(name).manager.as_deref(), Some("kai"));
        assert_eq!(
            world.outcomes(name).last(),
            Some(&EvidenceOutcome::ReferencesOnly)
        );
    }
    assert_eq!(world.live("kai").manager, None);
}

#[test]
fn a_cycle_needs_a_start() {
    let world = World::new();
    let job = world
        .runner
        .create_job(
            world.contoso.id,
            world.service_principal,
            other_app(),
            "Azure2Azure",
        )
        .unwrap();
    let refused = world
        .runner
        .run_cycle(world.contoso.id, &job.id, &syncline_runner::Silent)
        .unwrap_err();
    assert_eq!(refused.kind, syncline_model::ProblemKind::Conflict);
    assert!(refused.message.contains("/start"), "{refused}");
}

fn other_app() -> syncline_model::AppId {
    syncline_model::AppId(uuid::Uuid::from_u128(7))
}
