//! Members of synchronized groups: added, removed, and nobody waits for a restart.

use std::panic::{AssertUnwindSafe, catch_unwind};

use proptest::prelude::*;
use proptest::test_runner::Config;
use syncline_engine::Operation;
use syncline_engine::evidence::{EvidenceOutcome, ReferenceState};
use syncline_engine::schema::{AttributeMapping, Filter, FlowType, FlowTypes};
use syncline_model::job::{Counts, CyclePhase, CycleState};
use syncline_model::{Attr, EntityKind};
use syncline_runner::Progress;

use crate::world::{AfterPage, World, only};

const DAY: i64 = 24 * 60 * 60;

fn world() -> World {
    let world = World::new();
    world.groups_flow();
    world
}

impl World {
    /// A cycle that does what was planned, and after which nothing is left to be done.
    fn cycle_as_planned(&self) -> Counts {
        let planned = self.plan();
        let report = self.cycle();
        assert_eq!(planned.counts, report.counts);
        report.counts
    }
}

fn references(counts: Counts) -> (u64, u64) {
    (counts.references_set, counts.references_removed)
}

#[test]
fn a_first_cycle_gives_groups_those_members_who_are_in_the_target() {
    for page in [1, 2, 100] {
        let world = world().with_pages_of(page);
        let people = world.people("p", 5);
        people[4].disabled();
        world.group("Sales").with(&people);
        world.group("Boss").with(&people[..1]);
        world.group("Empty");
        let counts = world.cycle_as_planned();
        assert_eq!((counts.created, references(counts)), (7, (5, 0)), "{page}");
        assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1", "p2", "p3"]);
        assert_eq!(world.members_in_fabrikam("Boss"), ["p0"]);
        assert!(world.members_in_fabrikam("Empty").is_empty());
        assert_eq!(world.cycle_as_planned(), Counts::default());
    }
}

#[test]
fn one_change_of_a_large_group_is_one_membership_to_write() {
    let world = world();
    let people = world.people("p", 40);
    let group = world.group("Sales").with(&people[..39]);
    world.cycle();
    group.with(&people[39..]);
    let counts = world.cycle_as_planned();
    assert_eq!(
        counts,
        Counts {
            references_set: 1,
            ..Counts::default()
        }
    );
    let log = world.log();
    let last = log.last().unwrap();
    assert_eq!((last.kind, last.source), (EntityKind::Group, group.id));
    assert_eq!(last.outcome, EvidenceOutcome::ReferencesOnly);
    assert_eq!(last.source_name.as_str(), "Sales");
    let written: Vec<_> = last
        .references
        .iter()
        .map(|it| (it.name.as_str(), it.source))
        .collect();
    assert_eq!(written, [("members", Some(people[39].id))]);

    group.without(people[0]);
    let counts = world.cycle_as_planned();
    assert_eq!(
        counts,
        Counts {
            references_removed: 1,
            ..Counts::default()
        }
    );
    let log = world.log();
    let gone = world.live("p0").id;
    assert_eq!(
        log.last().unwrap().references[0].state,
        ReferenceState::Removed(gone)
    );
    assert_eq!(world.members_in_fabrikam("Sales").len(), 39);
}

#[test]
fn whoever_comes_later_is_added_to_the_groups_that_he_is_in() {
    let world = world();
    let ana = world.person("ana").disabled();
    let bo = world.person("bo");
    world.group("Sales").with(&[ana, bo]);
    world.group("Boss").with(&[ana]);
    world.cycle();
    assert_eq!(world.members_in_fabrikam("Sales"), ["bo"]);
    ana.enabled();
    let counts = world.cycle_as_planned();
    assert_eq!((counts.created, references(counts)), (1, (2, 0)));
    assert_eq!(world.members_in_fabrikam("Sales"), ["ana", "bo"]);
    assert_eq!(world.members_in_fabrikam("Boss"), ["ana"]);
    assert_eq!(world.cycle_as_planned(), Counts::default());
}

#[test]
fn whoever_is_provisioned_on_demand_is_added_by_the_next_cycle() {
    let world = world();
    let bo = world.person("bo");
    world.group("Sales").with(&[bo]);
    world.cycle();
    let ana = world.person("ana");
    world.provision(ana.id).unwrap();
    world.group("Sales").with(&[ana]);
    assert_eq!(references(world.cycle_as_planned()), (1, 0));
    assert_eq!(world.members_in_fabrikam("Sales"), ["ana", "bo"]);
}

#[test]
fn a_group_that_comes_later_gets_its_members() {
    let world = World::new();
    let people = world.people("p", 3);
    world.group("Sales").with(&people);
    world.cycle();
    world.groups_flow();
    let counts = world.cycle_as_planned();
    assert_eq!((counts.created, references(counts)), (1, (3, 0)));
    assert_eq!(world.members_in_fabrikam("Sales").len(), 3);
}

#[test]
fn a_mapping_of_members_that_is_added_later_fills_the_groups() {
    let world = world();
    world.change_schema(|schema| {
        let groups = &mut schema.synchronization_rules[0].object_mappings[1];
        groups
            .attribute_mappings
            .retain(|it| it.target_attribute_name.as_deref() != Some("members"));
    });
    let people = world.people("p", 3);
    world.group("Sales").with(&people);
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    let template = World::new().schema();
    world.change_schema(|schema| {
        schema.synchronization_rules[0].object_mappings[1].attribute_mappings =
            template.synchronization_rules[0].object_mappings[1]
                .attribute_mappings
                .clone();
    });
    assert_eq!(references(world.cycle_as_planned()), (3, 0));
    assert_eq!(world.members_in_fabrikam("Sales").len(), 3);
}

#[test]
fn groups_are_members_of_groups() {
    let world = world().with_pages_of(1);
    let ana = world.person("ana");
    let inner = world.group("Inner").with(&[ana]);
    let outer = world.group("Outer").with_group(inner);
    world.cycle_as_planned();
    assert_eq!(world.members_in_fabrikam("Outer"), ["Inner"]);
    assert_eq!(world.members_in_fabrikam("Inner"), ["ana"]);
    // One that is new in both roles.
    let middle = world.group("Middle").with_group(inner);
    outer.with_group(middle);
    assert_eq!(references(world.cycle_as_planned()), (2, 0));
    assert_eq!(world.members_in_fabrikam("Outer"), ["Inner", "Middle"]);
    assert_eq!(world.members_in_fabrikam("Middle"), ["Inner"]);
}

#[test]
fn what_somebody_in_the_target_added_is_left_alone() {
    let world = world();
    let ana = world.person("ana");
    let bo = world.person("bo");
    let group = world.group("Sales").with(&[bo]);
    world.cycle();
    let sales = world.linked(group.id).unwrap();
    let own = world.internal_user_of_fabrikam("own@fabrikam.example");
    world.fabrikam_adds_member(sales, own);
    world.fabrikam_adds_member(sales, world.live("ana").id);
    let all = [own.to_string(), "ana".to_owned(), "bo".to_owned()];
    let all = || {
        let mut all = all.to_vec();
        all.sort();
        all
    };
    assert_eq!(world.cycle_as_planned(), Counts::default());
    // He is one in the source, and is none there any more: it was not us who added him.
    group.with(&[ana]);
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    group.without(ana);
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    assert_eq!(world.members_in_fabrikam("Sales"), all());
    world.restart("Watermark");
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    assert_eq!(world.members_in_fabrikam("Sales"), all());
    // Made again by hand, what was ours is not ours any more.
    world.fabrikam_removes_member(sales, world.live("bo").id);
    world.fabrikam_adds_member(sales, world.live("bo").id);
    group.without(bo);
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    assert_eq!(world.members_in_fabrikam("Sales"), all());
}

#[test]
fn a_full_read_mends_what_drifted() {
    for page in [1, 100] {
        let world = world().with_pages_of(page);
        let people = world.people("p", 4);
        let group = world.group("Sales").with(&people);
        world.cycle();
        let sales = world.linked(group.id).unwrap();
        world.fabrikam_removes_member(sales, world.live("p0").id);
        assert_eq!(references(world.cycle_as_planned()), (0, 0));
        group.without(people[1]);
        world.restart("Watermark");
        assert_eq!(references(world.cycle_as_planned()), (1, 1));
        assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p2", "p3"]);
    }
}

#[test]
fn broken_links_are_found_again_with_their_members() {
    let world = world();
    let people = world.people("p", 3);
    let group = world.group("Sales").with(&people);
    world.cycle();
    world.restart("Full");
    group.without(people[2]);
    assert_eq!(references(world.cycle_as_planned()), (0, 1));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1"]);
}

#[test]
fn who_is_restored_has_his_memberships_as_they_are_now() {
    let world = world();
    let ana = world.person("ana");
    let sales = world.group("Sales").with(&[ana]);
    world.group("Boss").with(&[ana]);
    world.cycle();
    ana.deleted();
    world.cycle_as_planned();
    let other = world.group("Other").with(&[world.person("bo")]);
    world.cycle_as_planned();
    ana.restored();
    sales.without(ana);
    other.with(&[ana]);
    world.cycle_as_planned();
    assert!(world.members_in_fabrikam("Sales").is_empty());
    assert_eq!(world.members_in_fabrikam("Boss"), ["ana"]);
    assert_eq!(world.members_in_fabrikam("Other"), ["ana", "bo"]);
}

#[test]
fn a_group_that_is_restored_is_as_it_is_now() {
    let world = world();
    let people = world.people("p", 3);
    let group = world.group("Sales").with(&people[..2]);
    world.cycle();
    group.deleted();
    world.cycle_as_planned();
    group.restored().with(&people[2..]).without(people[0]);
    world.cycle_as_planned();
    assert_eq!(world.members_in_fabrikam("Sales"), ["p1", "p2"]);
}

#[test]
fn without_consent_to_groups_nothing_is_written_and_nothing_is_forgotten() {
    let world = world();
    let people = world.people("p", 3);
    let group = world.group("Sales").with(&people[..2]);
    world.cycle();
    world.fabrikam_lets_groups_in(false);
    group.with(&people[2..]).without(people[0]);
    for _ in 0..2 {
        let report = world.cycle();
        assert_eq!(report.state, CycleState::EntryLevelErrors);
        assert_eq!(references(report.counts), (0, 0));
    }
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1"]);
    world.fabrikam_lets_groups_in(true);
    let report = world.cycle();
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(references(report.counts), (1, 1));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p1", "p2"]);
}

/// What the target says of everybody: it waits, and loses no place.
#[test]
fn a_target_that_takes_no_members_gets_them_when_it_does() {
    let world = world().with_pages_of(2);
    let people = world.people("p", 5);
    world.group("Sales").with(&people);
    world.group("Boss").with(&people[1..2]);
    world.target_refuses(
        |it| matches!(it, Operation::AddReference { attr, .. } if *attr == Attr::MEMBERS),
    );
    let report = world.cycle();
    assert_eq!(report.state, CycleState::EntryLevelErrors);
    assert_eq!(references(report.counts), (0, 0));
    world.target_is_well();
    for _ in 0..3 {
        world.clock.advance_seconds(DAY);
        world.cycle();
    }
    assert_eq!(world.members_in_fabrikam("Sales").len(), 5);
    assert_eq!(world.members_in_fabrikam("Boss"), ["p1"]);
    assert_eq!(world.traces().escrows, 0);
}

/// One of them is refused: all before and behind him are written, who left is removed, and he is tried
/// again by the timetable.
#[test]
fn one_membership_that_fails_does_not_hold_up_the_others() {
    for refused in 0..5 {
        let world = world().with_pages_of(1);
        let people = world.people("p", 6);
        let group = world.group("Sales").with(&people);
        world.cycle();
        let sales = world.linked(group.id).unwrap();
        for who in 0..5 {
            world.fabrikam_removes_member(sales, world.live(&format!("p{who}")).id);
        }
        group.without(people[5]);
        world.restart("Watermark");
        let guest = world.live(&format!("p{refused}")).id;
        world.target_refuses(
            move |it| matches!(it, Operation::AddReference { to, .. } if *to == guest),
        );
        let report = world.cycle();
        assert_eq!(report.state, CycleState::EntryLevelErrors);
        assert_eq!(references(report.counts), (4, 1), "{refused}");
        assert_eq!(references(world.cycle().counts), (0, 0));
        world.target_is_well();
        world.clock.advance_seconds(DAY);
        assert_eq!(references(world.cycle().counts), (1, 0));
        assert_eq!(world.members_in_fabrikam("Sales").len(), 5);
        assert_eq!(world.cycle_as_planned(), Counts::default());
    }
}

#[test]
fn a_group_that_was_released_is_as_it_is_now_when_it_comes_back() {
    let world = world();
    world.sync_assigned();
    world.secret("SkipOutOfScopeDeletions", "true");
    let people = world.people("p", 3);
    for person in &people {
        person.assigned();
    }
    let group = world.group("Sales").with(&people[..2]).assigned();
    world.cycle_as_planned();
    group.unassigned();
    world.cycle_as_planned();
    group.without(people[0]).with(&people[2..]);
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1"]);
    group.assigned();
    assert_eq!(references(world.cycle_as_planned()), (1, 1));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p1", "p2"]);
}

#[test]
fn members_are_filled_in_when_they_are_switched_on_whatever_else_changed() {
    let world = world();
    let template = world.schema();
    let people = world.people("p", 3);
    world.change_schema(|schema| {
        let groups = &mut schema.synchronization_rules[0].object_mappings[1];
        groups
            .attribute_mappings
            .retain(|it| it.target_attribute_name.as_deref() != Some("members"));
    });
    let sales = world.group("Sales").with(&people);
    world.cycle();
    // Met by the walk through changes, before the one through whom the configuration concerns.
    sales.described("of the shop");
    world.change_schema(|schema| *schema = template.clone());
    assert_eq!(references(world.cycle_as_planned()), (3, 0));
}

#[test]
fn another_change_of_the_mapping_leaves_members_alone() {
    let world = world();
    let people = world.people("p", 2);
    let group = world.group("Sales").with(&people);
    world.cycle();
    let sales = world.linked(group.id).unwrap();
    world.fabrikam_removes_member(sales, world.live("p0").id);
    world.change_schema(|schema| {
        let groups = &mut schema.synchronization_rules[0].object_mappings[1];
        groups
            .attribute_mappings
            .retain(|it| it.target_attribute_name.as_deref() != Some("description"));
    });
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p1"]);
}

#[test]
fn a_group_whose_removal_is_held_keeps_its_members() {
    let world = world();
    let people = world.people("p", 3);
    let group = world.group("Sales").with(&people);
    world.cycle();
    world.threshold(1);
    group.deleted().purged();
    for restarted in [false, true] {
        if restarted {
            world.restart("Watermark");
        }
        let counts = world.cycle_as_planned();
        assert_eq!((counts.staged, references(counts)), (1, (0, 0)));
        assert_eq!(world.members_in_fabrikam("Sales").len(), 3);
    }
}

#[test]
fn whoever_left_a_group_whose_removal_was_held_is_removed_when_it_stays() {
    let world = world();
    let people = world.people("p", 3);
    world.group("Sales").with(&people);
    world.cycle();
    world.threshold(1);
    let scope = |scope: Option<Filter>| {
        world.change_schema(|schema| {
            schema.synchronization_rules[0].object_mappings[1].scope = scope;
        });
    };
    scope(Some(only("displayName", "Another")));
    world.group("Sales").without(world.person("p0"));
    for _ in 0..2 {
        let counts = world.cycle_as_planned();
        assert_eq!((counts.staged, references(counts)), (1, (0, 0)));
        assert_eq!(world.members_in_fabrikam("Sales").len(), 3);
    }
    scope(None);
    assert_eq!(references(world.cycle_as_planned()), (0, 1));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p1", "p2"]);
}

#[test]
fn members_whom_another_job_brought_are_removed_when_they_leave() {
    let mut world = world();
    world.group("Sales").with(&world.people("p", 2));
    world.cycle();
    // The first job lets the group go, and keeps its people.
    world.change_schema(|schema| {
        let groups = &mut schema.synchronization_rules[0].object_mappings[1];
        groups.scope = Some(only("displayName", "Another"));
        groups.flow_types = FlowTypes("Add,Update".to_owned());
    });
    world.cycle();
    world.another_configuration();
    world.groups_flow();
    world.scope_to("department", "Nobody's");
    world.group("Sales").without(world.person("p0"));
    assert_eq!(references(world.cycle_as_planned()), (0, 1));
    let left = world.live("p1").id.to_string();
    assert_eq!(world.members_in_fabrikam("Sales"), [left]);
}

#[test]
fn a_large_page_of_members_is_told_in_several_lines() {
    let world = world();
    let people = world.people("p", 230);
    let group = world.group("Sales").with(&people);
    world.cycle();
    let log = world.log();
    let lines = log.iter().filter(|it| it.source == group.id);
    let told: Vec<usize> = lines.map(|it| it.references.len()).collect();
    assert_eq!(told, [0, 100, 100, 30]);
}

#[test]
fn a_member_who_was_purged_in_the_target_is_made_anew_with_his_memberships() {
    let world = world();
    let ana = world.person("ana");
    world.group("Sales").with(&[ana]);
    world.cycle();
    let guest = world.live("ana").id;
    world.fabrikam_deletes(guest);
    world.fabrikam_purges(guest);
    ana.department("Sales");
    world.cycle_as_planned();
    assert_eq!(world.members_in_fabrikam("Sales"), ["ana"]);
}

#[test]
fn members_who_are_only_given_at_creation_are_not_followed() {
    let world = world();
    world.change_schema(|schema| {
        let groups = &mut schema.synchronization_rules[0].object_mappings[1];
        let members = groups
            .attribute_mappings
            .iter_mut()
            .find(|it| it.target_attribute_name.as_deref() == Some("members"));
        members.unwrap().flow_type = FlowType::ObjectAddOnly;
    });
    let people = world.people("p", 3);
    let group = world.group("Sales").with(&people[..2]);
    assert_eq!(references(world.cycle_as_planned()), (2, 0));
    group.with(&people[2..]).without(people[0]);
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1"]);
}

#[test]
fn a_walk_through_members_goes_on_where_it_was_interrupted() {
    let world = world().with_pages_of(1);
    let people = world.people("p", 9);
    world.group("Sales").with(&people);
    let mut deaths = 0;
    loop {
        let run = catch_unwind(AssertUnwindSafe(|| {
            world.try_cycle(&AfterPage::new(|_, progress: &Progress| {
                if progress.phase == CyclePhase::Memberships {
                    std::panic::resume_unwind(Box::new("the process dies here"));
                }
            }))
        }));
        match run {
            Err(_died) => deaths += 1,
            Ok(report) => {
                assert_eq!(references(report.unwrap().counts), (9, 0));
                break;
            }
        }
        world.start();
    }
    assert!(deaths >= 3, "{deaths} pages");
    assert_eq!(world.members_in_fabrikam("Sales").len(), 9);
    let told: usize = world
        .log()
        .iter()
        .filter(|it| it.kind == EntityKind::Group)
        .map(|it| it.references.len())
        .sum();
    assert_eq!(told, 9, "each once");
}

const PEOPLE: usize = 4;
const GROUPS: usize = 3;

#[derive(Clone, Copy, Debug)]
enum Event {
    Joins(usize, usize),
    Leaves(usize, usize),
    JoinsGroup(usize, usize),
    Disabled(usize),
    Enabled(usize),
    Deleted(usize),
    Restored(usize),
    GroupDeleted(usize),
    GroupRestored(usize),
    Provisioned(usize),
    AddedByHand(usize, usize),
    Consent(bool),
    /// By an administrator of the target.
    Purged(usize),
    /// Only this group is in scope.
    Scope(usize),
    ScopeOpen,
    Members(bool),
    Restart(bool),
    Cycle,
}

fn event() -> impl Strategy<Value = Event> {
    let who = 0..PEOPLE;
    let group = 0..GROUPS;
    prop_oneof![
        6 => (group.clone(), who.clone()).prop_map(|(group, who)| Event::Joins(group, who)),
        4 => (group.clone(), who.clone()).prop_map(|(group, who)| Event::Leaves(group, who)),
        1 => (group.clone(), group.clone()).prop_map(|(group, other)| Event::JoinsGroup(group, other)),
        2 => who.clone().prop_map(Event::Disabled),
        3 => who.clone().prop_map(Event::Enabled),
        2 => who.clone().prop_map(Event::Deleted),
        2 => who.clone().prop_map(Event::Restored),
        1 => group.clone().prop_map(Event::GroupDeleted),
        2 => group.clone().prop_map(Event::GroupRestored),
        1 => who.clone().prop_map(Event::Provisioned),
        1 => (group, who).prop_map(|(group, who)| Event::AddedByHand(group, who)),
        1 => any::<bool>().prop_map(Event::Consent),
        1 => (0..PEOPLE).prop_map(Event::Purged),
        2 => (0..GROUPS).prop_map(Event::Scope),
        2 => Just(Event::ScopeOpen),
        1 => any::<bool>().prop_map(Event::Members),
        1 => any::<bool>().prop_map(Event::Restart),
        6 => Just(Event::Cycle),
    ]
}

/// What the histories are told of, and who is in which group by the source's word.
struct History<'w> {
    world: &'w World,
    bin: [bool; PEOPLE],
    group_bin: [bool; GROUPS],
    /// Added by hand in the target, and never removed there.
    by_hand: Vec<(usize, usize)>,
    consent: bool,
    /// The mapping of members.
    members: AttributeMapping,
}

impl History<'_> {
    fn happens(&mut self, event: Event) {
        let world = self.world;
        let person = |who: usize| world.person(&format!("p{who}"));
        let group = |which: usize| world.group(&format!("G{which}"));
        let is_member = |which: usize, id| {
            let edge = syncline_store::Edge {
                kind: syncline_store::EdgeKind::Member,
                from: group(which).id,
                to: id,
            };
            let exist = world
                .store
                .read(|reader| reader.edges_exist(world.contoso.id, &[edge]));
            exist.unwrap()[0]
        };
        match event {
            Event::Joins(which, who) => {
                let free = !self.group_bin[which] && !self.bin[who];
                if free && !is_member(which, person(who).id) {
                    group(which).with(&[person(who)]);
                }
            }
            Event::Leaves(which, who) => {
                let free = !self.group_bin[which] && !self.bin[who];
                if free && is_member(which, person(who).id) {
                    group(which).without(person(who));
                }
            }
            Event::JoinsGroup(which, other) => {
                // Later ones into earlier ones: no group is in itself.
                let free = !self.group_bin[which] && !self.group_bin[other];
                if free && which < other && !is_member(which, group(other).id) {
                    group(which).with_group(group(other));
                }
            }
            Event::Disabled(who) if !self.bin[who] => {
                person(who).disabled();
            }
            Event::Enabled(who) if !self.bin[who] => {
                person(who).enabled();
            }
            Event::Deleted(who) if !self.bin[who] => {
                person(who).deleted();
                self.bin[who] = true;
            }
            Event::Restored(who) if self.bin[who] => {
                person(who).restored();
                self.bin[who] = false;
            }
            Event::GroupDeleted(which) if !self.group_bin[which] => {
                group(which).deleted();
                self.group_bin[which] = true;
            }
            Event::GroupRestored(which) if self.group_bin[which] => {
                group(which).restored();
                self.group_bin[which] = false;
            }
            Event::Provisioned(who) if !self.bin[who] => {
                world.clock.advance_seconds(20);
                world.provision(person(who).id).unwrap();
            }
            Event::AddedByHand(which, who) => self.added_by_hand(which, who),
            Event::Consent(allowed) => {
                world.fabrikam_lets_groups_in(allowed);
                self.consent = allowed;
            }
            Event::Purged(who) => self.purged(who),
            Event::Scope(which) => self.scope(Some(only("displayName", &format!("G{which}")))),
            Event::ScopeOpen => self.scope(None),
            Event::Members(on) => world.change_schema(|schema| {
                let groups = &mut schema.synchronization_rules[0].object_mappings[1];
                let mappings = &mut groups.attribute_mappings;
                mappings.retain(|it| it.target_attribute_name.as_deref() != Some("members"));
                mappings.extend(on.then(|| self.members.clone()));
            }),
            Event::Restart(full) => world.restart(if full { "Full" } else { "Watermark" }),
            Event::Cycle => self.cycle(),
            _ => {}
        }
    }

    fn scope(&self, scope: Option<Filter>) {
        self.world.change_schema(|schema| {
            schema.synchronization_rules[0].object_mappings[1].scope = scope;
        });
    }

    /// He is made anew, when he is looked at, and is where his source has him.
    fn purged(&mut self, who: usize) {
        let world = self.world;
        let guest = world.target_user(&format!("p{who}"));
        if let Some(guest) = guest.filter(|it| it.is_live()) {
            world.fabrikam_deletes(guest.id);
            world.fabrikam_purges(guest.id);
            self.by_hand.retain(|(_, it)| *it != who);
        }
    }

    fn added_by_hand(&mut self, which: usize, who: usize) {
        let world = self.world;
        let group = world.group(&format!("G{which}"));
        let Some(guest) = world
            .target_user(&format!("p{who}"))
            .filter(|it| it.is_live())
        else {
            return;
        };
        let name = format!("p{who}");
        let live = !self.group_bin[which] && world.linked(group.id).is_some();
        // A group in the recycle bin has no members that can be changed.
        if !live || !self.in_target(group.id) {
            return;
        }
        // Whose link was broken is called by his id.
        let members = world.members_in_fabrikam(&format!("G{which}"));
        if !members.contains(&name) && !members.contains(&guest.id.to_string()) {
            world.fabrikam_adds_member(world.linked(group.id).unwrap(), guest.id);
            self.by_hand.push((which, who));
        }
    }

    fn in_target(&self, group: syncline_model::ObjectId) -> bool {
        let world = self.world;
        let links = world
            .store
            .read(|reader| reader.links_for(world.contoso.id, &world.job, &[group]))
            .unwrap();
        links[0]
            .as_ref()
            .is_some_and(|link| link.state == syncline_model::link::LinkState::Live)
    }

    fn cycle(&self) {
        if !self.consent {
            // A plan does not foresee what the target refuses when it is asked.
            self.world.cycle();
            return;
        }
        let planned = self.world.plan();
        let report = self.world.cycle();
        if report.state == CycleState::Succeeded {
            assert_eq!(references(planned.counts), references(report.counts));
        }
    }
}

fn config() -> Config {
    const USUAL: u32 = 256;
    let asked_for = Config::default();
    Config {
        cases: if asked_for.cases == USUAL {
            48
        } else {
            asked_for.cases
        },
        failure_persistence: None,
        ..asked_for
    }
}

proptest! {
    #![proptest_config(config())]

    /// Whatever happens, in the end everybody is in the groups that he is in, or that somebody of the
    /// target put him in.
    #[test]
    fn in_the_end_members_are_those_of_the_source(
        page_size in 1..5usize,
        ahead: bool,
        keeps_what_leaves: bool,
        events in prop::collection::vec(event(), 0..40),
    ) {
        let mut world = world().with_pages_of(page_size);
        world.runner = world.runner.clone().with_deciding_ahead(ahead);
        world.people("p", PEOPLE);
        for which in 0..GROUPS {
            world.group(&format!("G{which}"));
        }
        if keeps_what_leaves {
            world.secret("SkipOutOfScopeDeletions", "true");
        }
        let schema = world.schema();
        let mappings = &schema.synchronization_rules[0].object_mappings[1].attribute_mappings;
        let members = mappings
            .iter()
            .find(|it| it.target_attribute_name.as_deref() == Some("members"))
            .unwrap();
        let mut history = History {
            members: members.clone(),
            world: &world,
            bin: [false; PEOPLE],
            group_bin: [false; GROUPS],
            by_hand: Vec::new(),
            consent: true,
        };
        for event in events {
            history.happens(event);
        }
        history.happens(Event::Consent(true));
        history.happens(Event::Members(true));
        history.happens(Event::ScopeOpen);
        for who in 0..PEOPLE {
            history.happens(Event::Restored(who));
            history.happens(Event::Enabled(who));
            // Whoever was purged in the target is looked at again.
            world.person(&format!("p{who}")).department("of old");
        }
        for which in 0..GROUPS {
            history.happens(Event::GroupRestored(which));
        }
        for _ in 0..4 {
            world.clock.advance_seconds(DAY);
            prop_assert_ne!(world.cycle().state, CycleState::Failed);
        }
        prop_assert_eq!(world.cycle().counts, Counts::default());
        for which in 0..GROUPS {
            let name = format!("G{which}");
            let source = world.group(&name).id;
            let members = world.store.read(|reader| {
                let kind = syncline_store::EdgeKind::Member;
                reader.edges_from(world.contoso.id, kind, source, None, 100)
            }).unwrap();
            let mut wanted: Vec<String> = members.iter().map(|id| world.name_in_contoso(*id)).collect();
            let by_hand = history.by_hand.iter().filter(|(group, _)| *group == which);
            wanted.extend(by_hand.map(|(_, who)| format!("p{who}")));
            wanted.sort();
            wanted.dedup();
            prop_assert_eq!(world.members_in_fabrikam(&name), wanted, "{}", name);
        }
    }
}
