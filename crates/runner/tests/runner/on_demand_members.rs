//! Members of a group that is provisioned on demand.

use std::cell::Cell;

use syncline_engine::evidence::{EvidenceOutcome, ReferenceState};
use syncline_engine::schema::FlowType;
use syncline_engine::{Operation, SkipReason};
use syncline_model::job::{Counts, CyclePhase};
use syncline_model::{EntityKind, Problem, ProblemKind};
use syncline_runner::{OnDemand, OnDemandSubject, Progress};

use crate::world::{AfterPage, Group, Person, World};

fn world() -> World {
    let world = World::new();
    world.groups_flow();
    world
}

impl World {
    pub(crate) fn provision_group(
        &self,
        group: Group<'_>,
        members: &[Person<'_>],
    ) -> Result<Vec<OnDemand>, Problem> {
        // Five calls in ten seconds.
        self.clock.advance_seconds(3);
        let members = members.iter().map(|it| (EntityKind::User, it.id));
        let subject = OnDemandSubject {
            kind: EntityKind::Group,
            id: group.id,
            members: members.collect(),
        };
        self.runner
            .provision_on_demand(self.contoso.id, &self.job, &[&self.rule()], &[subject])
    }
}

fn refused(answer: Result<Vec<OnDemand>, Problem>, kind: ProblemKind, part: &str) {
    let problem = answer.unwrap_err();
    assert_eq!(problem.kind, kind, "{problem:?}");
    assert!(problem.message.contains(part), "{problem:?}");
}

#[test]
fn those_who_are_named_come_with_their_group_and_nobody_else() {
    let world = world();
    let people = world.people("p", 5);
    let group = world.group("Sales").with(&people);
    let done = world.provision_group(group, &people[..2]).unwrap();
    let created = EvidenceOutcome::Created;
    let outcomes: Vec<_> = done
        .iter()
        .map(|it| (it.evidence.source, it.evidence.outcome.clone()))
        .collect();
    assert_eq!(
        outcomes,
        [
            (people[0].id, created.clone()),
            (people[1].id, created.clone()),
            (group.id, created),
            (group.id, EvidenceOutcome::ReferencesOnly),
        ]
    );
    let added: Vec<_> = done[3]
        .evidence
        .references
        .iter()
        .map(|it| it.source)
        .collect();
    assert_eq!(added, [Some(people[0].id), Some(people[1].id)]);
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1"]);
    assert_eq!(world.target_names(), ["p0", "p1"]);
    let logged: Vec<_> = world.log().iter().map(|it| it.source).collect();
    assert_eq!(logged, [people[0].id, people[1].id, group.id, group.id]);
    // The next cycle sees to the others.
    let counts = world.cycle().counts;
    assert_eq!((counts.created, counts.references_set), (3, 3));
    assert_eq!(world.members_in_fabrikam("Sales").len(), 5);
    assert_eq!(world.cycle().counts, Counts::default());
}

#[test]
fn who_left_is_removed_when_he_is_named() {
    let world = world();
    let people = world.people("p", 3);
    let group = world.group("Sales").with(&people);
    world.cycle();
    group.without(people[0]).without(people[1]);
    let done = world.provision_group(group, &people[..1]).unwrap();
    let first = &done[0].evidence;
    assert!(matches!(
        first.references[0].state,
        ReferenceState::Removed(_)
    ));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p1", "p2"]);
    let counts = world.cycle().counts;
    assert_eq!((counts.references_set, counts.references_removed), (0, 1));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p2"]);
}

#[test]
fn what_is_as_it_should_be_and_what_somebody_else_added_is_left_alone() {
    let world = world();
    let people = world.people("p", 3);
    let group = world.group("Sales").with(&people[..1]);
    world.cycle();
    let by_hand = world.live("p1").id;
    world.fabrikam_adds_member(world.linked(group.id).unwrap(), by_hand);
    let before = world.log().len();
    let done = world.provision_group(group, &people).unwrap();
    let redundant = |it: &OnDemand| matches!(it.evidence.outcome, EvidenceOutcome::Skipped(_));
    assert!(done.iter().all(redundant), "{done:?}");
    assert_eq!(done.len(), 4);
    assert_eq!(world.log().len(), before);
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1"]);
}

#[test]
fn a_member_who_may_not_come_is_no_member() {
    let world = world();
    let people = world.people("p", 2);
    people[0].disabled();
    let group = world.group("Sales").with(&people);
    let done = world.provision_group(group, &people).unwrap();
    let of_him = done.iter().find(|it| it.evidence.source == people[0].id);
    assert!(matches!(
        of_him.unwrap().evidence.outcome,
        EvidenceOutcome::Skipped(_)
    ));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p1"]);
}

#[test]
fn a_membership_that_can_not_be_written_is_told_and_tried_by_the_next_cycle() {
    let world = world();
    let people = world.people("p", 2);
    let group = world.group("Sales").with(&people);
    world.provision_group(group, &[]).unwrap();
    world.target_refuses(|operation| matches!(operation, Operation::AddReference { .. }));
    let done = world.provision_group(group, &people[..1]).unwrap();
    let last = &done.last().unwrap().evidence;
    assert!(
        matches!(last.outcome, EvidenceOutcome::Failed(_)),
        "{last:?}"
    );
    assert!(world.members_in_fabrikam("Sales").is_empty());
    world.target_is_well();
    world.cycle();
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1"]);
}

#[test]
fn members_that_are_given_once_are_given_with_their_group_alone() {
    let world = world();
    let people = world.people("p", 2);
    let group = world.group("Sales").with(&people);
    world.change_schema(|schema| {
        let groups = &mut schema.synchronization_rules[0].object_mappings[1];
        let mappings = groups.attribute_mappings.iter_mut();
        let is_members = |it: &&mut syncline_engine::schema::AttributeMapping| {
            it.target_attribute_name.as_deref() == Some("members")
        };
        mappings
            .filter(is_members)
            .for_each(|it| it.flow_type = FlowType::ObjectAddOnly);
    });
    world.provision_group(group, &people[..1]).unwrap();
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0"]);
    group.without(people[0]);
    world.provision_group(group, &people).unwrap();
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0"]);
}

#[test]
fn members_are_refused_where_there_are_none() {
    let world = world();
    let [ana, bo] = ["ana", "bo"].map(|name| world.person(name));
    let group = world.group("Sales").with(&[ana]);
    let of_person = OnDemandSubject {
        kind: EntityKind::User,
        id: ana.id,
        members: vec![(EntityKind::User, bo.id)],
    };
    let answer = world.runner.provision_on_demand(
        world.contoso.id,
        &world.job,
        &[&world.rule()],
        &[of_person],
    );
    refused(answer, ProblemKind::BadRequest, "Only a group has members");
    let theirs = world.person("carl");
    theirs.deleted().purged();
    refused(
        world.provision_group(group, &[theirs]),
        ProblemKind::NotFound,
        "",
    );
    world.change_schema(|schema| {
        let groups = &mut schema.synchronization_rules[0].object_mappings[1];
        let mappings = &mut groups.attribute_mappings;
        mappings.retain(|it| it.target_attribute_name.as_deref() != Some("members"));
    });
    refused(
        world.provision_group(group, &[ana]),
        ProblemKind::BadRequest,
        "mapping of members",
    );
    assert!(world.target_names().is_empty());
    assert!(world.log().is_empty());
}

/// The call is about the membership; the removal waits for the next cycle, which counts it.
#[test]
fn who_is_named_as_a_member_is_not_removed_by_the_call() {
    let world = world();
    let people = world.people("p", 3);
    let group = world.group("Sales").with(&people);
    world.cycle();
    people[0].deleted();
    people[1].disabled();
    let done = world.provision_group(group, &people[..2]).unwrap();
    for person in &people[..2] {
        let of_him = done.iter().find(|it| it.evidence.source == person.id);
        assert_eq!(of_him.unwrap().evidence.outcome, EvidenceOutcome::PutAside);
    }
    assert_eq!(world.target_names().len(), 3);
    assert!(world.live("p1").is_enabled());
    assert_eq!(world.traces().staged, 2);
    let counts = world.cycle().counts;
    assert_eq!((counts.deleted, counts.disabled), (1, 1));
    assert_eq!(world.traces().staged, 0);
}

/// They were counted before the first was carried out, and he is not one of them.
#[test]
fn whose_removal_is_staged_while_a_cycle_carries_out_its_own_is_left_to_the_next_one() {
    let world = world().with_pages_of(1);
    let people = world.people("p", 5);
    let group = world.group("Sales").with(&people);
    world.cycle();
    world.threshold(3);
    people[0].deleted();
    people[1].deleted();
    let is_asked = Cell::new(false);
    let observer = AfterPage::new(|_, progress: &Progress| {
        if progress.counts.deleted == 1 && !is_asked.replace(true) {
            people[2].disabled();
            world.provision_group(group, &people[2..3]).unwrap();
        }
    });
    let counts = world.try_cycle(&observer).unwrap().counts;
    assert!(is_asked.get());
    assert_eq!((counts.deleted, counts.disabled, counts.staged), (2, 0, 0));
    assert!(world.live("p2").is_enabled());
    assert_eq!(world.traces().staged, 1);
    assert_eq!(world.cycle().counts.disabled, 1);
}

/// Failed objects are tried once more, and removals carried out again behind them; he is not one of those either. And the
/// cycle comes to its end.
#[test]
fn whose_removal_is_left_to_the_next_cycle_waits_for_it_however_often_removals_are_carried_out() {
    let world = world().with_pages_of(1);
    let people = world.people("p", 5);
    let group = world.group("Sales").with(&people);
    world.cycle();
    world.threshold(3);
    people[0].deleted();
    people[1].deleted();
    world.person("newcomer");
    world.target_refuses(|operation| matches!(operation, Operation::Create { .. }));
    let is_asked = Cell::new(false);
    let retries = Cell::new(0);
    let observer = AfterPage::new(|_, progress: &Progress| {
        retries.update(|it| it + u32::from(progress.phase == CyclePhase::Retries));
        if progress.counts.deleted == 1 && !is_asked.replace(true) {
            people[2].disabled();
            world.provision_group(group, &people[2..3]).unwrap();
        }
    });
    let counts = world.try_cycle(&observer).unwrap().counts;
    assert!(is_asked.get());
    assert!(retries.get() > 0);
    assert_eq!((counts.deleted, counts.disabled, counts.staged), (2, 0, 0));
    assert_eq!(counts.escrowed, 1);
    assert!(world.live("p2").is_enabled());
    assert_eq!(world.traces().staged, 1);
    assert_eq!(world.cycle().counts.disabled, 1);
}

/// Behind those who were tried once more, removals are counted again.
#[test]
fn what_a_cycle_has_removed_counts_with_what_is_staged_for_it_afterwards() {
    let world = world().with_pages_of(1);
    let people = world.people("p", 5);
    let group = world.group("Sales").with(&people);
    world.cycle();
    world.threshold(3);
    people[0].deleted();
    people[1].deleted();
    world.remember_as("p0", "the first p0");
    world.person("p0");
    let is_asked = Cell::new(false);
    let observer = AfterPage::new(|_, progress: &Progress| {
        if progress.phase == CyclePhase::Retries && !is_asked.replace(true) {
            people[2].disabled();
            world.provision_group(group, &people[2..3]).unwrap();
        }
    });
    let counts = world.cycle_watched_by(&observer).counts;
    assert!(is_asked.get());
    assert_eq!((counts.deleted, counts.disabled, counts.staged), (2, 0, 1));
    assert_eq!(counts.created, 1);
    assert!(world.live("p2").is_enabled());
    let quarantine = world.stored_job().status.quarantine.unwrap();
    let (_, message) = quarantine.error.unwrap();
    assert!(message.contains("with 2 carried out"), "{message}");
    // They go on to count, or he would be let through all the same, by himself.
    assert!(world.plan().held);
    assert_eq!(world.cycle().counts.staged, 1);
    assert!(world.live("p2").is_enabled());
    world.restart("ForceDeletes");
    assert_eq!(world.cycle().counts.disabled, 1);
    assert_eq!(world.stored_job().removed_in_between, 0);
}

/// A script that brings groups must not carry out what the gate holds.
#[test]
fn what_the_gate_holds_is_held_on_demand() {
    let world = world();
    let people = world.people("p", 3);
    let group = world.group("Sales").with(&people);
    world.cycle();
    world.threshold(1);
    people[0].deleted();
    assert_eq!(world.cycle().counts.staged, 1);
    let before = world.log().len();
    let done = world.provision_group(group, &people).unwrap();
    let of_him = done.iter().find(|it| it.evidence.source == people[0].id);
    assert_eq!(of_him.unwrap().evidence.outcome, EvidenceOutcome::Staged);
    // Not even when he is asked for by himself.
    let done = world.provision(people[0].id).unwrap();
    assert_eq!(done.evidence.outcome, EvidenceOutcome::Staged);
    assert_eq!(world.log().len(), before);
    assert_eq!(world.target_names().len(), 3);
    let counts = world.cycle().counts;
    assert_eq!((counts.staged, counts.deleted), (1, 0));
    world.restart("ForceDeletes");
    assert_eq!(world.cycle().counts.deleted, 1);
}

fn told_of(done: &[OnDemand], group: Group<'_>) -> Vec<EvidenceOutcome> {
    let of_group = done.iter().filter(|it| it.evidence.source == group.id);
    of_group.map(|it| it.evidence.outcome.clone()).collect()
}

fn skipped(reason: SkipReason) -> Vec<EvidenceOutcome> {
    vec![EvidenceOutcome::Skipped(reason)]
}

/// That the group itself matches is not all that is to be said, whether he is named or not.
#[test]
fn a_membership_that_waits_for_a_removal_is_no_match() {
    let world = world();
    let people = world.people("p", 3);
    let group = world.group("Sales").with(&people[1..]);
    world.cycle();
    world.threshold(1);
    people[0].disabled();
    assert_eq!(world.cycle().counts.staged, 1);
    group.with(&people[..1]);
    let held = skipped(SkipReason::MembershipsHeld);
    let done = world.provision_group(group, &people[..1]).unwrap();
    assert_eq!(told_of(&done, group), held);
    let done = world.provision_group(group, &people[1..2]).unwrap();
    assert_eq!(told_of(&done, group), skipped(SkipReason::RedundantExport));
    for _ in 0..2 {
        world.cycle();
        let done = world.provision_group(group, &[]).unwrap();
        assert_eq!(told_of(&done, group), held);
    }
    // What is done with the group is told, and that behind it.
    group.described("Of Bern");
    let done = world.provision_group(group, &people[..1]).unwrap();
    let updated = EvidenceOutcome::Updated { adopted: false };
    assert_eq!(told_of(&done, group), [vec![updated], held].concat());
    let before = world.log().len();
    world.provision_group(group, &people[..1]).unwrap();
    assert_eq!(world.log().len(), before);

    people[0].enabled();
    world.cycle();
    let done = world.provision_group(group, &people[..1]).unwrap();
    assert_eq!(told_of(&done, group), skipped(SkipReason::RedundantExport));
}

/// Whoever waits beside, of another group, is not looked at in the call, and keeps nobody back from that.
#[test]
fn who_waits_for_a_removal_is_found_behind_however_many_others() {
    let world = world();
    let people = world.people("p", 120);
    let mut last = people[0];
    for person in &people {
        if person.id > last.id {
            last = *person;
        }
    }
    let (crowd, group) = (world.group("Crowd"), world.group("Sales"));
    world.cycle();
    world.threshold(1);
    for person in &people {
        person.disabled();
    }
    assert_eq!(world.cycle().counts.staged, 120);
    crowd.with(&people);
    group.with(&[last]);
    world.cycle();
    for group in [crowd, group] {
        let done = world.provision_group(group, &[]).unwrap();
        assert_eq!(told_of(&done, group), skipped(SkipReason::MembershipsHeld));
    }
    last.enabled();
    world.cycle();
    let done = world.provision_group(group, &[]).unwrap();
    assert_eq!(told_of(&done, group), skipped(SkipReason::RedundantExport));
}

/// They stay what they are until their removal is decided, however many they are.
#[test]
fn who_waits_for_a_removal_is_found_behind_however_many_are_members_already() {
    let world = world();
    let people = world.people("p", 121);
    let mut others = people.clone();
    others.sort_by_key(|person| person.id);
    let last = others.pop().unwrap();
    let (crowd, group) = (world.group("Crowd"), world.group("Sales").with(&others));
    world.cycle();
    world.threshold(1);
    for person in &people {
        person.disabled();
    }
    assert_eq!(world.cycle().counts.staged, 121);
    crowd.with(&people);
    world.cycle();
    let done = world.provision_group(group, &[]).unwrap();
    assert_eq!(told_of(&done, group), skipped(SkipReason::RedundantExport));
    group.with(&[last]);
    let done = world.provision_group(group, &[]).unwrap();
    assert_eq!(told_of(&done, group), skipped(SkipReason::MembershipsHeld));
}

#[test]
fn memberships_that_are_left_to_a_cycle_are_no_match() {
    let world = world();
    let people = world.people("p", 2);
    let group = world.group("Sales").with(&people);
    people[0].disabled();
    world.provision_group(group, &[]).unwrap();
    let left = skipped(SkipReason::MembershipsLeft);
    let done = world.provision_group(group, &[]).unwrap();
    assert_eq!(told_of(&done, group), left);
    world.cycle();
    let done = world.provision_group(group, &[]).unwrap();
    assert_eq!(told_of(&done, group), skipped(SkipReason::RedundantExport));
    // Who is not in the target is in no group there.
    let done = world.provision_group(group, &people).unwrap();
    assert_eq!(told_of(&done, group), left);
}

/// He is let go, and so nothing is written of himself; but who would become a member is not known.
#[test]
fn no_membership_is_written_by_an_old_link_before_everybody_was_matched() {
    let world = world();
    world.secret("SkipOutOfScopeDeletions", "true");
    world.scope_to("department", "Here");
    let [ana, bo] = ["ana", "bo"].map(|name| world.person(name).department("Here"));
    let group = world.group("Sales");
    world.cycle();
    ana.department("Away");
    world.cycle();
    group.with(&[ana, bo]);
    world.restart("Full");
    let refused = world.provision_group(group, &[ana]).unwrap_err();
    assert_eq!(refused.code, "MatchingUnderWay");
    assert!(world.members_in_fabrikam("Sales").is_empty());
    // He and the group are matched by the call itself.
    world.provision_group(group, &[bo]).unwrap();
    assert_eq!(world.members_in_fabrikam("Sales"), ["bo"]);
    world.cycle();
    assert_eq!(world.members_in_fabrikam("Sales"), ["ana", "bo"]);
    world.provision_group(group, &[ana]).unwrap();
}

/// Everybody is looked at in the next cycle, and nobody is matched anew.
#[test]
fn once_everybody_was_matched_no_membership_waits_for_that() {
    let world = world();
    world.secret("SkipOutOfScopeDeletions", "true");
    world.scope_to("department", "Here");
    let [ana, bo] = ["ana", "bo"].map(|name| world.person(name).department("Here"));
    let group = world.group("Sales").with(&[ana, bo]);
    world.cycle();
    ana.department("Away");
    world.cycle();
    world.restart("Full");
    world.cycle();
    world.map("displayName", "\"Wrong\"");
    let wrong = world.cycle();
    assert_eq!(world.undo_cycle(&wrong).counts.updated, 1);
    assert!(world.stored_job().watermark.is_none());
    world.provision_group(group, &[ana]).unwrap();
    world.restart("Watermark");
    world.provision_group(group, &[ana]).unwrap();
    // The next one begins: both before it has run, and when only a part of it has.
    for restart in ["Full", "Watermark"] {
        world.restart(restart);
        let refused = world.provision_group(group, &[ana]).unwrap_err();
        assert_eq!(refused.code, "MatchingUnderWay", "{restart}");
    }
    world.cycle();
    world.provision_group(group, &[ana]).unwrap();
}
