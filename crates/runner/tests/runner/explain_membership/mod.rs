//! Why somebody is or is not in a group in the target, in each of the ways this may be.

mod looked_at;

use syncline_engine::Operation;
use syncline_engine::schema::{
    AttributeMapping, AttributeMappingSource, FlowType, FlowTypes, SynchronizationSchema,
};
use syncline_model::{Attr, EntityKind, JobId, ProblemKind};
use syncline_runner::{
    InTarget, MembersKept, MembershipExplanation, MembershipVerdict as Verdict, Verdict as OfEnd,
};
use syncline_store::{Escrow, MembershipStage, MembershipsDue};

use crate::world::{Group, World, only};

const DAY: i64 = 24 * 60 * 60;

fn world() -> World {
    let world = World::new();
    world.groups_flow();
    world
}

/// Asks, and makes sure that nothing was written.
fn explain(world: &World, person: &str, group: &str) -> MembershipExplanation {
    let before = (world.traces(), world.stored_job());
    let (person, group) = (world.person(person).id, world.group(group).id);
    let tenant = world.contoso.id;
    let explained = world
        .runner
        .explain_membership(tenant, &world.job, person, group)
        .unwrap();
    assert_eq!((world.traces(), world.stored_job()), before);
    explained
}

fn verdict(world: &World, person: &str, group: &str) -> Verdict {
    explain(world, person, group).verdict
}

fn change_members(
    world: &World,
    change: impl Fn(&mut AttributeMapping) + Send + Sync + Copy + 'static,
) {
    let is_members =
        |it: &&mut AttributeMapping| it.target_attribute_name.as_deref() == Some("members");
    world.change_schema(move |schema: &mut SynchronizationSchema| {
        let groups = &mut schema.synchronization_rules[0].object_mappings[1];
        let mappings = groups.attribute_mappings.iter_mut();
        mappings.filter(is_members).for_each(change);
    });
}

fn refuse_memberships(world: &World) {
    world.target_refuses(|it| {
        matches!(
            it,
            Operation::AddReference { .. } | Operation::RemoveReference { .. }
        )
    });
}

/// Sales with ana and bo, whose group is in step.
fn sales(world: &World) -> Group<'_> {
    let [ana, bo] = ["ana", "bo"].map(|name| world.person(name));
    let group = world.group("Sales").with(&[ana, bo]);
    world.cycle();
    group
}

#[test]
fn what_both_have_is_as_it_should_be_and_what_neither_has_as_well() {
    let world = world();
    world.person("cleo");
    sales(&world);
    let explained = explain(&world, "ana", "Sales");
    assert_eq!(explained.verdict, Verdict::InTarget);
    assert_eq!(explained.in_target, Some(InTarget::FromSource));
    assert_eq!(explained.flow, Some(MembersKept::InStep));
    assert!(explained.in_source.unwrap().direct);
    let explained = explain(&world, "cleo", "Sales");
    assert_eq!(explained.verdict, Verdict::NotMember);
    assert_eq!(explained.in_target, Some(InTarget::Absent));
}

#[test]
fn a_change_that_no_cycle_has_seen_is_made_by_the_next_one() {
    let world = world();
    let cleo = world.person("cleo");
    let group = sales(&world);
    group.with(&[cleo]).without(world.person("ana"));
    for name in ["cleo", "ana"] {
        assert_eq!(verdict(&world, name, "Sales"), Verdict::Due);
    }
    world.cycle();
    assert_eq!(verdict(&world, "cleo", "Sales"), Verdict::InTarget);
    assert_eq!(verdict(&world, "ana", "Sales"), Verdict::NotMember);
}

#[test]
fn whoever_is_in_a_group_only_by_another_group_is_told_by_which() {
    let world = world();
    let ana = world.person("ana");
    let inner = world.group("Inner").with(&[ana]);
    let middle = world.group("Middle").with_group(inner);
    world.group("Sales").with_group(middle);
    world.cycle();
    let explained = explain(&world, "ana", "Sales");
    assert_eq!(explained.verdict, Verdict::NotMember);
    let in_source = explained.in_source.unwrap();
    assert!(!in_source.direct);
    assert_eq!(in_source.through, [inner.id, middle.id]);
}

#[test]
fn whoever_is_not_in_the_target_is_waited_for() {
    let world = world();
    let group = sales(&world);
    let dia = world.person("dia").disabled();
    group.with(&[dia]);
    world.cycle();
    let explained = explain(&world, "dia", "Sales");
    assert_eq!(explained.verdict, Verdict::MemberNotThere);
    assert_eq!(explained.member.verdict, OfEnd::Skipped);
    assert_eq!(explained.in_target, None);
    dia.enabled();
    world.cycle();
    assert_eq!(verdict(&world, "dia", "Sales"), Verdict::InTarget);
}

#[test]
fn a_group_that_is_not_kept_in_step_says_so_by_itself() {
    let world = world();
    world.sync_assigned();
    let ana = world.person("ana").assigned();
    world.group("Sales").with(&[ana]);
    world.cycle();
    let explained = explain(&world, "ana", "Sales");
    assert_eq!(explained.verdict, Verdict::GroupNotKept);
    assert_eq!(explained.group.verdict, OfEnd::Skipped);
    world.fabrikam_lets_groups_in(false);
    world.group("Sales").assigned();
    world.cycle();
    let explained = explain(&world, "ana", "Sales");
    assert_eq!(explained.verdict, Verdict::GroupNotKept);
    assert_eq!(explained.group.verdict, OfEnd::AwaitsConsent);
}

#[test]
fn groups_that_the_target_lets_in_no_more_get_nobody() {
    let world = world();
    let cleo = world.person("cleo");
    let group = sales(&world);
    world.fabrikam_lets_groups_in(false);
    group.with(&[cleo]);
    assert_eq!(verdict(&world, "cleo", "Sales"), Verdict::GroupsNotLetIn);
    world.cycle();
    assert_eq!(verdict(&world, "cleo", "Sales"), Verdict::GroupsNotLetIn);
}

#[test]
fn what_waits_for_a_removal_says_for_whose() {
    let world = world();
    let cleo = world.person("cleo");
    let other = world.group("Other");
    let group = sales(&world);
    world.threshold(1);
    world.person("ana").disabled();
    world.cycle();
    other.with(&[world.person("ana")]);
    for _ in 0..3 {
        let explained = explain(&world, "ana", "Other");
        assert_eq!(explained.verdict, Verdict::Held);
        let held = explained.held_by.unwrap();
        assert_eq!((held.id, held.of_group), (world.person("ana").id, false));
        assert!(held.by_threshold && held.other_job.is_none());
        world.cycle();
    }
    world.person("ana").enabled();
    group.deleted();
    world.cycle();
    assert_eq!(verdict(&world, "ana", "Other"), Verdict::InTarget);
    other.without(world.person("ana"));
    let held = explain(&world, "bo", "Sales").group.verdict;
    assert_eq!(held, OfEnd::Held);
    group.restored().with(&[cleo]);
    // The group stays by the next cycle, which lets go of it and adds them.
    let explained = explain(&world, "cleo", "Sales");
    assert_eq!(explained.verdict, Verdict::Held);
    assert!(explained.held_by.unwrap().of_group);
    world.cycle();
    assert_eq!(verdict(&world, "cleo", "Sales"), Verdict::InTarget);
}

#[test]
fn whose_removal_another_job_holds_is_told_with_that_job() {
    let mut world = world();
    world.people("p", 2);
    world.cycle();
    world.change_schema(|schema| {
        schema.synchronization_rules[0].object_mappings[1].enabled = false;
    });
    let first = world.another_configuration();
    world.groups_flow();
    world.scope_to("department", "Nobody's");
    world.group("Bern");
    world.cycle();
    let second = world.speak_of(first);
    let first: JobId = world.job.clone();
    world.threshold(1);
    world.person("p0").disabled();
    assert_eq!(world.cycle().counts.staged, 1);
    world.speak_of(second);
    world.group("Bern").with(&[world.person("p0")]);
    let explained = explain(&world, "p0", "Bern");
    assert_eq!(explained.verdict, Verdict::Held);
    assert_eq!(explained.held_by.unwrap().other_job, Some(first));
}

#[test]
fn what_was_refused_says_when_it_is_tried_again_and_when_not_any_more() {
    let world = world();
    let cleo = world.person("cleo");
    let group = sales(&world);
    refuse_memberships(&world);
    group.with(&[cleo]);
    world.cycle();
    let explained = explain(&world, "cleo", "Sales");
    assert_eq!(explained.verdict, Verdict::Refused);
    assert!(explained.not_before.is_some());
    assert!(explained.group.escrow.is_some());
    for _ in 0..30 {
        world.clock.advance_seconds(DAY);
        world.cycle();
    }
    assert_eq!(verdict(&world, "cleo", "Sales"), Verdict::GivenUp);
    world.target_is_well();
    world.restart("Escrows");
    assert_eq!(verdict(&world, "cleo", "Sales"), Verdict::Due);
    world.cycle();
    assert_eq!(verdict(&world, "cleo", "Sales"), Verdict::InTarget);
}

/// Its memberships are gone through once it is as it should be, whatever it has failed for.
#[test]
fn a_group_that_fails_itself_says_when_it_is_tried_again() {
    let world = world();
    let group = sales(&world);
    let there = world.linked(group.id).unwrap();
    world.target_refuses(|it| matches!(it, Operation::Update { .. }));
    group.described("of old");
    world.cycle();
    world.fabrikam_removes_member(there, world.live("ana").id);
    let explained = explain(&world, "ana", "Sales");
    assert_eq!(explained.verdict, Verdict::Refused);
    let escrow = explained.group.escrow.unwrap();
    assert_eq!(explained.not_before, Some(escrow.next_attempt));
    world.cycle();
    assert_eq!(verdict(&world, "ana", "Sales"), Verdict::Refused);
    world.target_is_well();
    world.clock.advance_seconds(DAY);
    assert_eq!(verdict(&world, "ana", "Sales"), Verdict::Due);
    world.cycle();
    assert_eq!(verdict(&world, "ana", "Sales"), Verdict::InTarget);
}

/// Nothing but its own decision has to be asked for that.
#[test]
fn a_group_that_is_known_to_fail_again_brings_no_membership_with_it() {
    let world = world();
    let group = sales(&world).described("of old");
    let there = world.linked(group.id).unwrap();
    world.change_schema(|schema| {
        let groups = &mut schema.synchronization_rules[0].object_mappings[1];
        let mut mappings = groups.attribute_mappings.iter_mut();
        let description =
            mappings.find(|it| it.target_attribute_name.as_deref() == Some("description"));
        description.unwrap().source = Some(AttributeMappingSource {
            expression: Some("CDate([description])".to_owned()),
            ..AttributeMappingSource::default()
        });
    });
    assert_eq!(world.cycle().counts.escrowed, 1);
    world.fabrikam_removes_member(there, world.live("ana").id);
    for _ in 0..2 {
        let explained = explain(&world, "ana", "Sales");
        assert_eq!(explained.verdict, Verdict::Refused);
        let escrow = explained.group.escrow.unwrap();
        assert_eq!(explained.not_before, Some(escrow.next_attempt));
        // It is due, and fails.
        world.clock.advance_seconds(DAY);
        assert_eq!(verdict(&world, "ana", "Sales"), Verdict::Refused);
        world.cycle();
        assert_eq!(world.members_in_fabrikam("Sales"), ["bo"]);
    }
    group.described("2026-01-31");
    world.clock.advance_seconds(DAY);
    assert_eq!(verdict(&world, "ana", "Sales"), Verdict::Due);
    world.cycle();
    assert_eq!(verdict(&world, "ana", "Sales"), Verdict::InTarget);
}

#[test]
fn what_an_earlier_version_gave_up_for_want_of_consent_is_tried_with_it() {
    let world = world();
    let group = sales(&world);
    let there = world.linked(group.id).unwrap();
    world.fabrikam_lets_groups_in(false);
    group.described("of old");
    world.cycle();
    world.fabrikam_removes_member(there, world.live("ana").id);
    world.write(|tx, _| {
        let (tenant, job) = (world.contoso.id, &world.job);
        let known = tx.escrows_for(tenant, job, &[group.id])?.remove(0).unwrap();
        let given_up = Escrow {
            next_attempt: Escrow::NEVER,
            ..known
        };
        Ok(tx.put_escrows(tenant, job, &[given_up])?)
    });
    assert_eq!(verdict(&world, "ana", "Sales"), Verdict::GroupsNotLetIn);
    world.fabrikam_lets_groups_in(true);
    let explained = explain(&world, "ana", "Sales");
    assert_eq!(explained.group.verdict, OfEnd::AwaitsConsent);
    assert_eq!(explained.verdict, Verdict::Due);
    world.cycle();
    assert_eq!(verdict(&world, "ana", "Sales"), Verdict::InTarget);
}

/// A walk through those whom the target has goes by their ids there.
#[test]
fn whom_a_walk_has_passed_in_the_target_is_not_removed_by_it() {
    let world = world();
    let group = sales(&world);
    let (ana, there) = (world.person("ana").id, world.linked(group.id).unwrap());
    refuse_memberships(&world);
    group.without(world.person("ana"));
    world.cycle();
    world.target_is_well();
    let ana_there = world.linked(ana).unwrap();
    let walks = |kind, source, stage, place| {
        let row = MembershipsDue {
            stage,
            place,
            not_before: MembershipsDue::AT_ONCE,
            ..MembershipsDue::of(kind, source)
        };
        world.write(|tx, _| Ok(tx.put_memberships_due(world.contoso.id, &world.job, &[row])?));
    };
    let members = (EntityKind::Group, group.id, MembershipStage::Leavers);
    let groups = (EntityKind::User, ana, MembershipStage::LeftGroups);
    for ((kind, source, stage), end) in [(members, ana_there), (groups, there)] {
        walks(kind, source, stage, None);
        assert_eq!(verdict(&world, "ana", "Sales"), Verdict::Due, "{stage:?}");
        walks(kind, source, stage, Some(end));
        assert_eq!(
            verdict(&world, "ana", "Sales"),
            Verdict::Refused,
            "{stage:?}"
        );
    }
    world.cycle();
    assert_eq!(world.members_in_fabrikam("Sales"), ["ana", "bo"]);
    let (kind, source, stage) = members;
    walks(kind, source, stage, None);
    world.cycle();
    assert_eq!(world.members_in_fabrikam("Sales"), ["bo"]);
}

#[test]
fn that_a_group_itself_was_given_up_is_not_said_of_its_memberships() {
    let world = world();
    let group = sales(&world);
    let there = world.linked(group.id).unwrap();
    world.target_refuses(|it| matches!(it, Operation::Update { .. }));
    group.described("of old");
    for _ in 0..30 {
        world.cycle();
        world.clock.advance_seconds(DAY);
    }
    world.fabrikam_removes_member(there, world.live("ana").id);
    let explained = explain(&world, "ana", "Sales");
    assert_eq!(explained.group.verdict, OfEnd::GivenUp);
    assert_eq!(explained.verdict, Verdict::NotLookedAt);
    world.cycle();
    assert_eq!(verdict(&world, "ana", "Sales"), Verdict::NotLookedAt);
    world.target_is_well();
    world.restart("Escrows");
    assert_eq!(verdict(&world, "ana", "Sales"), Verdict::Due);
    world.cycle();
    assert_eq!(verdict(&world, "ana", "Sales"), Verdict::InTarget);
}

/// The target keeps the membership of whoever is in its recycle bin, and shows it nobody.
#[test]
fn whoever_was_deleted_in_the_target_is_in_no_group_there() {
    let world = world();
    let group = sales(&world);
    let there = world.linked(group.id).unwrap();
    world.fabrikam_deletes(world.live("ana").id);
    let explained = explain(&world, "ana", "Sales");
    assert_eq!(explained.verdict, Verdict::MemberNotThere);
    assert_eq!(explained.member.verdict, OfEnd::DeletedInTarget);
    assert_eq!(explained.in_target, None);
    world.fabrikam_deletes_group(there);
    let explained = explain(&world, "bo", "Sales");
    assert_eq!(explained.verdict, Verdict::GroupNotKept);
    assert_eq!(explained.group.verdict, OfEnd::DeletedInTarget);
    assert_eq!(explained.in_target, None);
    group.without(world.person("bo"));
    assert_eq!(verdict(&world, "bo", "Sales"), Verdict::NotMember);
}

#[test]
fn what_somebody_did_in_the_target_is_told_apart() {
    let world = world();
    world.person("cleo");
    let group = sales(&world);
    let there = world.linked(group.id).unwrap();
    world.fabrikam_adds_member(there, world.live("cleo").id);
    let explained = explain(&world, "cleo", "Sales");
    assert_eq!(explained.verdict, Verdict::AddedByOthers);
    assert_eq!(explained.in_target, Some(InTarget::ByOthers));
    world.fabrikam_removes_member(there, world.live("ana").id);
    world.cycle();
    assert_eq!(verdict(&world, "ana", "Sales"), Verdict::NotLookedAt);
    world.restart("Watermark");
    assert_eq!(verdict(&world, "ana", "Sales"), Verdict::Due);
    world.cycle();
    assert_eq!(verdict(&world, "ana", "Sales"), Verdict::InTarget);
}

#[test]
fn members_that_do_not_flow_or_not_always_are_told_so() {
    let world = world();
    let cleo = world.person("cleo");
    let group = sales(&world);
    change_members(&world, |it| it.flow_type = FlowType::MultiValueAddOnly);
    group.without(world.person("ana"));
    world.cycle();
    let explained = explain(&world, "ana", "Sales");
    assert_eq!(explained.verdict, Verdict::Kept);
    assert_eq!(explained.flow, Some(MembersKept::OnlyAdded));
    change_members(&world, |it| it.flow_type = FlowType::ObjectAddOnly);
    group.with(&[cleo]);
    world.cycle();
    assert_eq!(verdict(&world, "cleo", "Sales"), Verdict::GivenOnce);
    world.change_schema(|schema| {
        let groups = &mut schema.synchronization_rules[0].object_mappings[1];
        let mappings = &mut groups.attribute_mappings;
        mappings.retain(|it| it.target_attribute_name.as_deref() != Some("members"));
    });
    let explained = explain(&world, "cleo", "Sales");
    assert_eq!(explained.verdict, Verdict::MembersNotMapped);
    assert!(explained.in_source.unwrap().direct);
}

/// He keeps what he has, and joins nothing.
#[test]
fn whoever_was_let_go_and_deleted_gets_into_no_group() {
    let world = world();
    world.secret("SkipOutOfScopeDeletions", "true");
    world.scope_to("department", "Sales");
    let ana = world.person("ana").department("Sales");
    world.person("bo").department("Sales");
    let group = world.group("Team");
    world.cycle();
    ana.department("Other");
    world.cycle();
    group.with(&[ana]);
    ana.deleted();
    let explained = explain(&world, "ana", "Team");
    assert_eq!(explained.verdict, Verdict::LetGo);
    assert!(explained.in_source.unwrap().direct);
    assert_eq!(explained.in_target, Some(InTarget::Absent));
    world.cycle();
    // What is left of her there is deleted as well.
    assert_eq!(verdict(&world, "ana", "Team"), Verdict::MemberNotThere);
}

#[test]
fn whom_another_job_is_to_remove_gets_into_no_group() {
    let mut world = world();
    world.people("p", 2);
    world.cycle();
    world.change_schema(|schema| {
        schema.synchronization_rules[0].object_mappings[1].enabled = false;
    });
    let first = world.another_configuration();
    world.groups_flow();
    world.scope_to("department", "Nobody's");
    world.group("Bern");
    world.cycle();
    world.group("Bern").with(&[world.person("p0")]);
    world.person("p0").deleted();
    for _ in 0..2 {
        let explained = explain(&world, "p0", "Bern");
        assert_eq!(explained.verdict, Verdict::OtherJob);
        assert_eq!(explained.in_target, Some(InTarget::Absent));
        world.cycle();
    }
    let second = world.speak_of(first);
    world.cycle();
    world.speak_of(second);
    assert_eq!(verdict(&world, "p0", "Bern"), Verdict::MemberNotThere);
}

/// Ana was made again in the source: the second one is taken for her by another job, once this one has let the first go.
#[test]
fn whose_target_object_is_somebody_elses_by_now_is_in_no_group_by_that() {
    let mut world = world();
    world.secret("SkipOutOfScopeDeletions", "true");
    world.scope_to("department", "Sales");
    let anchored = |world: &World, name: &str, department: &str| {
        let person = world.person(name).overwrite(|entry| {
            entry.attrs.set(Attr::NET_ID, "0123456789ABCDEF");
        });
        person.department(department);
    };
    anchored(&world, "ana", "Sales");
    world.group("Team").with(&[world.person("ana")]);
    world.cycle_without_checks();
    let was = world.linked(world.person("ana").id);
    world.person("ana").department("Nobody's");
    world.cycle_without_checks();
    let explained = explain(&world, "ana", "Team");
    assert_eq!(explained.verdict, Verdict::InTarget);
    assert_eq!(explained.member.verdict, OfEnd::Released);

    let first = world.another_configuration();
    world.scope_to("department", "Board");
    anchored(&world, "anb", "Board");
    world.cycle_without_checks();
    assert_eq!(world.linked(world.person("anb").id), was);
    world.speak_of(first);
    let explained = explain(&world, "ana", "Team");
    assert_eq!(explained.verdict, Verdict::SomebodyElses);
    assert_eq!(explained.in_target, None);
    assert_eq!(explained.somebody_elses, Some(world.person("ana").id));
    // She who has it now is there by the same name, and what is said of the other is nothing of hers.
    world.group("Team").with(&[world.person("anb")]);
    assert_eq!(verdict(&world, "anb", "Team"), Verdict::InTarget);
    assert_eq!(verdict(&world, "ana", "Team"), Verdict::SomebodyElses);
    world.group("Team").without(world.person("ana"));
    let explained = explain(&world, "ana", "Team");
    assert_eq!(explained.verdict, Verdict::NotMember);
    assert_eq!(
        (explained.in_target, explained.somebody_elses),
        (None, None)
    );
}

#[test]
fn what_became_another_group_has_no_members_as_what_it_was() {
    let mut world = world();
    let groups_called = |world: &World, name: &str| {
        world.change_schema(|schema| {
            let groups = &mut schema.synchronization_rules[0].object_mappings[1];
            groups.attribute_mappings[0].source =
                Some(AttributeMappingSource::attribute("description"));
            groups.scope = Some(only("displayName", name));
            groups.flow_types = FlowTypes("Add,Update".to_owned());
        });
    };
    groups_called(&world, "Inner");
    let ana = world.person("ana");
    let inner = world.group("Inner").described("one").with(&[ana]).id;
    world.cycle();
    let was = world.linked(inner);
    groups_called(&world, "Another");
    world.cycle();
    let explained = explain(&world, "ana", "Inner");
    assert_eq!(explained.verdict, Verdict::GroupNotKept);
    assert_eq!(explained.in_target, Some(InTarget::FromSource));

    let first = world.another_configuration();
    world.groups_flow();
    world.scope_to("department", "Nobody's");
    groups_called(&world, "Other");
    let other = world.group("Other").described("one");
    other.with(&[world.person("ana")]);
    world.cycle();
    assert_eq!(world.linked(other.id), was);
    world.speak_of(first);
    let explained = explain(&world, "ana", "Inner");
    assert_eq!(explained.verdict, Verdict::SomebodyElses);
    assert_eq!(explained.in_target, None);
    assert_eq!(explained.somebody_elses, Some(inner));
    world.group("Inner").without(world.person("ana"));
    let explained = explain(&world, "ana", "Inner");
    assert_eq!(explained.verdict, Verdict::NotMember);
    assert_eq!(
        (explained.in_target, explained.somebody_elses),
        (None, None)
    );
}

/// Nothing of the target is read that does not let the job in.
#[test]
fn of_a_target_that_does_not_let_the_job_in_nothing_is_said() {
    let world = world();
    sales(&world);
    world.fabrikam_policy(|partner| {
        let sync = partner.identity_synchronization.as_mut().unwrap();
        sync.user_sync_allowed = Some(false);
    });
    let explained = explain(&world, "ana", "Sales");
    assert_eq!(explained.verdict, Verdict::Unknown);
    assert_eq!((explained.in_target, explained.in_source), (None, None));
    assert!(!explained.group.obstacles.is_empty());
}

#[test]
fn an_end_that_there_is_not_is_not_found() {
    let world = world();
    let group = sales(&world);
    let ana = world.person("ana").id;
    let ask = |member, group| {
        let asked = world
            .runner
            .explain_membership(world.contoso.id, &world.job, member, group);
        asked.unwrap_err().kind
    };
    assert_eq!(ask(group.id, group.id), ProblemKind::BadRequest);
    assert_eq!(ask(ana, ana), ProblemKind::BadRequest);
    let nobody = syncline_model::ObjectId::NIL;
    assert_eq!(ask(nobody, group.id), ProblemKind::NotFound);
    assert_eq!(ask(ana, nobody), ProblemKind::NotFound);
}
