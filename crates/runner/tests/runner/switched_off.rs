//! Whoever is disabled at home is switched off, also when the target refuses what changed with that.

use syncline_engine::evidence::EvidenceOutcome;
use syncline_engine::schema::AttributeMapping;
use syncline_engine::{Evidence, Operation};
use syncline_model::job::{Counts, CycleState};
use syncline_model::link::LinkState;
use syncline_model::{Attr, EntityKind, Value};

use crate::world::{World, map};

const SIX_HOURS: i64 = 6 * 60 * 60;
/// At a domain of the target.
const NOT_THEIRS: &str = "ceo@fabrikam.example";

fn counts(change: impl FnOnce(&mut Counts)) -> Counts {
    let mut counts = Counts::default();
    change(&mut counts);
    counts
}

/// Ana is in the target, with a manager.
fn world() -> World {
    let world = World::new();
    world.person("boss");
    world.person("ana").manager("boss");
    world.cycle();
    world
}

/// The last of the log: what was written, and what was refused.
fn told_of(world: &World, name: &str) -> (Evidence, Evidence) {
    let id = world.person(name).id;
    let mut log = world.log();
    log.retain(|it| it.source == id);
    let refused = log.pop().unwrap();
    (log.pop().unwrap(), refused)
}

fn modified(evidence: &Evidence) -> Vec<&str> {
    evidence
        .modified
        .iter()
        .map(|it| it.name.as_str())
        .collect()
}

fn code(outcome: &EvidenceOutcome) -> &str {
    match outcome {
        EvidenceOutcome::Failed(failure) => &failure.code,
        other => panic!("{other:?}"),
    }
}

fn plan_and_explain_tell_of_both(world: &World, code: &str) {
    let plan = world.plan();
    assert_eq!(plan.counts, counts(|it| it.escrowed = 1));
    assert_eq!(plan.removals, 1);
    let [planned] = &plan.shown[..] else {
        panic!("{:?}", plan.shown);
    };
    assert_eq!(planned.action, "disable");
    let reason = planned.reason.as_deref().unwrap();
    assert!(reason.starts_with(code), "{reason}");
    assert!(
        reason.ends_with("The account is switched off all the same."),
        "{reason}"
    );
    let written: Vec<_> = planned.changes.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(written, ["accountEnabled"]);
    let of: Vec<_> = plan.attributes.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(of, ["accountEnabled"]);

    let id = world.person("ana").id;
    let explained = world
        .runner
        .explain(world.contoso.id, &world.job, EntityKind::User, id)
        .unwrap();
    let outcome = explained.evidence.unwrap().outcome;
    let EvidenceOutcome::Failed(failure) = outcome else {
        panic!("{outcome:?}");
    };
    assert!(
        failure.reason.ends_with("switched off all the same."),
        "{}",
        failure.reason
    );
}

#[test]
fn an_address_that_nobody_may_have_keeps_no_account_on() {
    let world = world();
    world.person("ana").set(Attr::MAIL, NOT_THEIRS);
    assert_eq!(world.cycle().counts, counts(|it| it.escrowed = 1));
    assert!(world.live("ana").is_enabled());

    world.person("ana").disabled();
    plan_and_explain_tell_of_both(&world, "UnprocessableEntity: ");
    let report = world.cycle();
    assert_eq!(report.counts, counts(|it| it.escrowed = 1));
    assert_eq!(report.state, CycleState::EntryLevelErrors);
    let ana = world.live("ana");
    assert!(!ana.is_enabled());
    assert_eq!(ana.text(Attr::MAIL), "ana@contoso.example");
    assert_eq!(ana.manager.as_deref(), Some("boss"));
    let (written, refused) = told_of(&world, "ana");
    assert_eq!(written.outcome, EvidenceOutcome::Disabled);
    assert_eq!(modified(&written), ["accountEnabled"]);
    assert_eq!(written.target, Some(ana.id));
    assert_eq!(code(&refused.outcome), "UnprocessableEntity");
    assert_eq!(modified(&refused), ["mail"]);
    assert_eq!(world.traces().escrows, 1);

    // The address waits for its next try, which says nothing of the account any more.
    let log = world.log().len();
    assert_eq!(world.cycle().counts, Counts::default());
    assert_eq!(world.log().len(), log);
    world.clock.advance_seconds(SIX_HOURS);
    assert_eq!(world.cycle().counts, counts(|it| it.escrowed = 1));
    assert_eq!(world.log().len(), log + 1);

    world.person("ana").set(Attr::MAIL, "ana@mail.example");
    let report = world.cycle();
    assert_eq!(report.counts, counts(|it| it.updated = 1));
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(world.traces().escrows, 0);
}

#[test]
fn nor_does_one_that_somebody_has() {
    let world = world();
    world.internal_user_of_fabrikam("somebody@mail.example");
    let ana = world.person("ana").set(Attr::MAIL, "somebody@mail.example");
    ana.department("Sales").disabled();
    assert_eq!(world.cycle().counts, counts(|it| it.escrowed = 1));
    let ana = world.live("ana");
    assert!(!ana.is_enabled());
    assert_eq!(ana.attrs().get(Attr::DEPARTMENT), None);
    let (written, refused) = told_of(&world, "ana");
    assert_eq!(written.outcome, EvidenceOutcome::Disabled);
    assert_eq!(
        code(&refused.outcome),
        "InvitationCreationFailureAmbiguousUser"
    );
    let mut besides = modified(&refused);
    besides.sort_unstable();
    assert_eq!(besides, ["department", "mail"]);
}

/// Nothing of that is the target's doing.
#[test]
fn nor_does_a_mapping_that_fails() {
    nothing_of_a_failing_mapping_keeps_an_account_on("city", "CDate([jobTitle])");
}

/// It is asked before all others.
#[test]
fn nor_does_that_of_who_is_deleted() {
    let fails = "IIF(IsPresent(CDate([jobTitle])), [IsSoftDeleted], [IsSoftDeleted])";
    nothing_of_a_failing_mapping_keeps_an_account_on("IsSoftDeleted", fails);
}

fn nothing_of_a_failing_mapping_keeps_an_account_on(attribute: &str, expression: &str) {
    let world = World::new();
    world.change_schema(|schema| map(schema, attribute, expression));
    world.person("boss");
    let ana = world.person("ana").manager("boss");
    world.cycle();
    ana.set(Attr::JOB_TITLE, "no date").disabled();
    plan_and_explain_tell_of_both(&world, "AttributeValidationFailed: ");
    let report = world.cycle();
    assert_eq!(report.counts, counts(|it| it.escrowed = 1));
    assert_eq!(report.state, CycleState::EntryLevelErrors);
    let ana = world.live("ana");
    assert!(!ana.is_enabled());
    assert_eq!(ana.manager.as_deref(), Some("boss"));
    let (written, refused) = told_of(&world, "ana");
    assert_eq!(written.outcome, EvidenceOutcome::Disabled);
    assert_eq!(modified(&written), ["accountEnabled"]);
    assert_eq!(code(&refused.outcome), "AttributeValidationFailed");
    assert_eq!(modified(&refused), <[&str; 0]>::default());
    assert_eq!(world.traces().escrows, 1);

    world.clock.advance_seconds(SIX_HOURS);
    assert_eq!(world.cycle().counts, counts(|it| it.escrowed = 1));
    world.person("ana").set(Attr::JOB_TITLE, "2026-01-01");
    assert_eq!(world.cycle().counts.escrowed, 0);
    assert_eq!(world.traces().escrows, 0);
}

/// Found by matching, and linked with that.
#[test]
fn nor_of_whoever_is_taken_back() {
    let world = World::new();
    world.secret("SkipOutOfScopeDeletions", "true");
    world.scope_to("department", "Sales");
    world.change_schema(|schema| map(schema, "city", "CDate([jobTitle])"));
    let ana = world.person("ana").department("Sales");
    world.cycle();
    world.person("ana").department("Other");
    assert_eq!(world.cycle().counts, counts(|it| it.skipped = 1));
    ana.department("Sales")
        .set(Attr::JOB_TITLE, "no date")
        .disabled();
    assert_eq!(world.cycle().counts, counts(|it| it.escrowed = 1));
    assert!(!world.live("ana").is_enabled());
    let (written, refused) = told_of(&world, "ana");
    assert_eq!(written.outcome, EvidenceOutcome::Updated { adopted: true });
    assert_eq!(code(&refused.outcome), "AttributeValidationFailed");
    assert_eq!(world.traces().links[0].state, LinkState::Live);
}

#[test]
fn the_gate_holds_that_as_well() {
    let world = World::new();
    world.threshold(1);
    world.change_schema(|schema| map(schema, "city", "CDate([jobTitle])"));
    let ana = world.person("ana");
    world.cycle();
    ana.set(Attr::JOB_TITLE, "no date").disabled();
    assert_eq!(world.cycle().counts, counts(|it| it.staged = 1));
    assert!(world.live("ana").is_enabled());
    world.restart("ForceDeletes");
    assert_eq!(world.cycle().counts, counts(|it| it.escrowed = 1));
    assert!(!world.live("ana").is_enabled());
}

/// Who has it is removed behind her, in the same cycle.
#[test]
fn one_that_is_free_at_the_end_of_the_cycle_counts_once() {
    let world = World::new().with_pages_of(1);
    world.people("p", 3);
    world.cycle();
    world.person("p2").deleted().purged();
    world
        .person("p0")
        .set(Attr::MAIL, "p2@contoso.example")
        .disabled();
    let report = world.cycle();
    let expected = counts(|it| {
        it.deleted = 1;
        it.updated = 1;
    });
    assert_eq!(report.counts, expected);
    assert_eq!(report.state, CycleState::Succeeded);
    let p0 = world.live("p0");
    assert!(!p0.is_enabled());
    assert_eq!(p0.text(Attr::MAIL), "p2@contoso.example");
    assert_eq!(world.traces().escrows, 0);
    assert!(world.outcomes("p0").contains(&EvidenceOutcome::Disabled));
}

#[test]
fn the_gate_holds_it_like_any_removal() {
    let world = world();
    world.threshold(1);
    world.person("ana").set(Attr::MAIL, NOT_THEIRS).disabled();
    assert_eq!(world.cycle().counts, counts(|it| it.staged = 1));
    assert!(world.live("ana").is_enabled());
    world.restart("ForceDeletes");
    assert_eq!(world.cycle().counts, counts(|it| it.escrowed = 1));
    assert!(!world.live("ana").is_enabled());
    assert_eq!(world.cycle().counts, Counts::default());
}

#[test]
fn on_demand_she_is_switched_off_and_counted_for_the_next_cycle() {
    let world = world();
    let ana = world.person("ana").set(Attr::MAIL, NOT_THEIRS).disabled();
    let told = world.provision_telling_all(&world.rule(), ana.id).unwrap();
    let [written, refused] = &told[..] else {
        panic!("{told:?}");
    };
    assert_eq!(written.evidence.outcome, EvidenceOutcome::Disabled);
    assert_eq!(code(&refused.evidence.outcome), "UnprocessableEntity");
    assert!(!world.live("ana").is_enabled());
    assert_eq!(world.stored_job().removed_in_between, 1);
    assert_eq!(world.traces().escrows, 1);
}

#[test]
fn what_can_not_be_written_alone_fails_as_a_whole() {
    let world = world();
    world.target_refuses(|it| matches!(it, Operation::Update { .. }));
    world.person("ana").department("Sales").disabled();
    assert_eq!(world.cycle().counts, counts(|it| it.escrowed = 1));
    assert!(world.live("ana").is_enabled());
    let (_, refused) = told_of(&world, "ana");
    assert_eq!(code(&refused.outcome), "InsufficientRights");
    assert_eq!(refused.modified.len(), 2);

    world.target_is_well();
    world.clock.advance_seconds(SIX_HOURS);
    assert_eq!(world.cycle().counts, counts(|it| it.updated = 1));
    assert!(!world.live("ana").is_enabled());
}

/// She was let go, and is wanted again: nothing is written to whom no link leads.
#[test]
fn whoever_is_taken_back_is_linked_and_switched_off() {
    let world = World::new();
    world.secret("SkipOutOfScopeDeletions", "true");
    world.scope_to("department", "Sales");
    let ana = world.person("ana").department("Sales");
    world.cycle();
    world.person("ana").department("Other");
    assert_eq!(world.cycle().counts, counts(|it| it.skipped = 1));
    ana.department("Sales")
        .set(Attr::MAIL, NOT_THEIRS)
        .disabled();
    assert_eq!(world.cycle().counts, counts(|it| it.escrowed = 1));
    assert!(!world.live("ana").is_enabled());
    let (written, refused) = told_of(&world, "ana");
    assert_eq!(written.outcome, EvidenceOutcome::Updated { adopted: true });
    assert_eq!(modified(&written), ["accountEnabled"]);
    assert_eq!(code(&refused.outcome), "UnprocessableEntity");
    assert_eq!(world.traces().links[0].state, LinkState::Live);
    assert_eq!(world.cycle().counts, Counts::default());
}

#[test]
fn after_a_restart_that_matches_anew_she_is_switched_off_as_well() {
    let world = world();
    world.person("ana").set(Attr::MAIL, NOT_THEIRS).disabled();
    world.restart("Full");
    assert_eq!(world.cycle().counts.escrowed, 1);
    assert!(!world.live("ana").is_enabled());
    assert_eq!(world.cycle().counts, Counts::default());

    world.person("ana").enabled().clear(Attr::MAIL);
    assert_eq!(world.cycle().counts, counts(|it| it.updated = 1));
    assert!(world.live("ana").is_enabled());
}

/// Whoever leaves the scope is switched off in place of a deletion, and let go once all of that is written.
#[test]
fn whoever_leaves_is_switched_off_and_not_let_go_yet() {
    let world = World::new();
    world.sync_assigned();
    world.change_schema(|schema| {
        map(schema, "accountEnabled", "Not([IsSoftDeleted])");
        map(
            schema,
            "department",
            "Switch([IsSoftDeleted], [department], \"True\", \"Left\")",
        );
        let users = &mut schema.synchronization_rules[0].object_mappings[0];
        let is_kept =
            |it: &AttributeMapping| it.target_attribute_name.as_deref() != Some("IsSoftDeleted");
        users.attribute_mappings.retain(is_kept);
    });
    let ana = world.person("ana").department("Sales").assigned();
    assert_eq!(world.cycle().counts.created, 1);
    let left = |set: &[(Attr, Option<Value>)]| set.iter().any(|it| it.0 == Attr::DEPARTMENT);
    world.target_refuses(move |it| matches!(it, Operation::Update { set, .. } if left(set)));
    ana.unassigned();
    assert_eq!(world.cycle().counts, counts(|it| it.escrowed = 1));
    assert!(!world.live("ana").is_enabled());
    assert_eq!(world.live("ana").department(), "Sales");

    world.target_is_well();
    world.clock.advance_seconds(SIX_HOURS);
    assert_eq!(world.cycle().counts, counts(|it| it.updated = 1));
    assert_eq!(world.live("ana").department(), "Left");
    assert_eq!(world.traces().escrows, 0);
    assert_eq!(world.cycle().counts, Counts::default());
}
