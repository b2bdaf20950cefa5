//! Random histories: whatever happens, in the end members are those of the source.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use syncline_engine::schema::{AttributeMapping, Filter, FlowType};
use syncline_engine::{Operation, escrow};
use syncline_model::job::{Counts, CycleState};
use syncline_model::{Attr, ObjectId};
use syncline_store::{EdgeKind, ObjectState, Stored};
use syncline_testkit::few;

use super::held::before_memberships;
use super::{DAY, world};
use crate::properties::ToldMemberships;
use crate::sizes::sizes;
use crate::world::{Bystanders, INTERVAL_SECONDS, World, only};

const PEOPLE: usize = 5;
const GROUPS: usize = 3;
/// More, and recycle bins would empty themselves.
const PAUSES: u32 = 2;

#[derive(Clone, Copy, Debug)]
enum Event {
    Joins(usize, usize),
    Leaves(usize, usize),
    JoinsGroup(usize, usize),
    Disabled(usize),
    Enabled(usize),
    /// Out of scope, and back.
    Away(usize),
    Back(usize),
    Deleted(usize),
    Restored(usize),
    GroupDeleted(usize),
    GroupRestored(usize),
    /// Of the source, and for good.
    DeletedForGood(usize),
    /// The same behind the watermark of a cycle that goes through the memberships.
    CycleDeletedForGood(usize),
    Provisioned(usize),
    AddedByHand(usize, usize),
    /// Into a group of the target's own.
    PutIntoClub(usize),
    Consent(bool),
    /// By an administrator of the target.
    Purged(usize),
    GroupBinned(usize),
    GroupPurged(usize),
    /// Every removal is held, or none.
    Gate(bool),
    /// Only this group is in scope.
    Scope(usize),
    ScopeOpen,
    Members(bool),
    /// Members are added and not removed any more.
    AddOnly,
    Restart(bool),
    /// So long nobody looks that the traces of what was taken away go, and no recycle bin empties itself.
    Pause,
    Cycle,
    /// A cycle in which the target takes no membership, and lets go of none.
    CycleRefused,
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
        1 => who.clone().prop_map(Event::Away),
        1 => who.clone().prop_map(Event::Back),
        2 => who.clone().prop_map(Event::Deleted),
        2 => who.clone().prop_map(Event::Restored),
        1 => group.clone().prop_map(Event::GroupDeleted),
        2 => group.clone().prop_map(Event::GroupRestored),
        1 => who.clone().prop_map(Event::Provisioned),
        1 => (group, who).prop_map(|(group, who)| Event::AddedByHand(group, who)),
        1 => (0..PEOPLE).prop_map(Event::PutIntoClub),
        1 => any::<bool>().prop_map(Event::Consent),
        1 => (0..PEOPLE).prop_map(Event::Purged),
        2 => (0..PEOPLE).prop_map(Event::DeletedForGood),
        2 => (0..PEOPLE).prop_map(Event::CycleDeletedForGood),
        1 => (0..GROUPS).prop_map(Event::GroupBinned),
        1 => (0..GROUPS).prop_map(Event::GroupPurged),
        2 => any::<bool>().prop_map(Event::Gate),
        2 => (0..GROUPS).prop_map(Event::Scope),
        2 => Just(Event::ScopeOpen),
        1 => any::<bool>().prop_map(Event::Members),
        1 => Just(Event::AddOnly),
        1 => any::<bool>().prop_map(Event::Restart),
        2 => Just(Event::Pause),
        6 => Just(Event::Cycle),
        2 => Just(Event::CycleRefused),
    ]
}

/// What the histories are told of, and who is in which group by the source's word.
struct History<'w> {
    world: &'w World,
    /// In the source's recycle bin, or past it.
    bin: [bool; PEOPLE],
    gone: [bool; PEOPLE],
    group_bin: [bool; GROUPS],
    /// Added by hand in the target, and never removed there.
    by_hand: Vec<(usize, usize)>,
    consent: bool,
    /// The mapping of members.
    members: AttributeMapping,
    bystanders: Bystanders,
    pauses_left: u32,
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
            Event::Away(who) if !self.bin[who] => {
                person(who).department("Away");
            }
            Event::Back(who) if !self.bin[who] => {
                person(who).department("Here");
            }
            Event::Deleted(who) if !self.bin[who] => {
                person(who).deleted();
                self.bin[who] = true;
            }
            Event::Restored(who) if self.bin[who] && !self.gone[who] => {
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
                if let Err(refused) = world.provision(person(who).id) {
                    // Between a restart with `Full` and its cycle a link of before is not gone by.
                    assert_eq!(refused.code, "MatchingUnderWay");
                    assert!(world.stored_job().is_matching_anew());
                }
            }
            Event::AddedByHand(which, who) => self.added_by_hand(which, who),
            Event::PutIntoClub(who) => {
                let guest = world.target_user(&format!("p{who}"));
                if let Some(guest) = guest.filter(|it| it.is_live()) {
                    self.bystanders.put_into_club(world, guest.id);
                }
            }
            Event::Consent(allowed) => {
                world.fabrikam_lets_groups_in(allowed);
                self.consent = allowed;
            }
            Event::Purged(who) => self.purged(who),
            // A source without anybody is refused, and rightly.
            Event::DeletedForGood(who) if self.has_others(who) && !self.gone[who] => {
                if !self.bin[who] {
                    person(who).deleted();
                }
                person(who).purged();
                (self.bin[who], self.gone[who]) = (true, true);
                self.by_hand.retain(|(_, it)| *it != who);
            }
            Event::CycleDeletedForGood(who) => {
                let mut held = None;
                let observer = before_memberships(|| {
                    self.happens(Event::DeletedForGood(who));
                    held = Some(self.to_be_held());
                });
                world.cycle_watched_by(&observer);
                drop(observer);
                self.check_held(&held.unwrap_or_default());
            }
            Event::GroupBinned(which) => {
                if let Some(target) = self.live_group(which) {
                    world.fabrikam_deletes_group(target);
                }
            }
            Event::GroupPurged(which) => {
                if let Some(target) = self.live_group(which) {
                    world.fabrikam_deletes_group(target);
                    world.fabrikam_purges(target);
                    self.by_hand.retain(|(it, _)| *it != which);
                }
            }
            Event::Gate(closed) => world.threshold(if closed { 1 } else { 500 }),
            Event::Scope(which) => self.scope(Some(only("displayName", &format!("G{which}")))),
            Event::ScopeOpen => self.scope(None),
            Event::Members(on) => world.change_schema(|schema| {
                let groups = &mut schema.synchronization_rules[0].object_mappings[1];
                let mappings = &mut groups.attribute_mappings;
                mappings.retain(|it| it.target_attribute_name.as_deref() != Some("members"));
                mappings.extend(on.then(|| self.members.clone()));
            }),
            Event::AddOnly => world.flow_type("members", FlowType::MultiValueAddOnly),
            Event::Restart(full) => world.restart(if full { "Full" } else { "Watermark" }),
            Event::Pause if self.pauses_left > 0 => {
                self.pauses_left -= 1;
                world.traces_go();
            }
            Event::Cycle => self.cycle(),
            Event::CycleRefused => {
                world.target_refuses(|it| {
                    matches!(
                        it,
                        Operation::AddReference { .. } | Operation::RemoveReference { .. }
                    )
                });
                world.cycle();
                world.target_is_well();
            }
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
        let Some(guest) = world
            .target_user(&format!("p{who}"))
            .filter(|it| it.is_live())
        else {
            return;
        };
        // A group in the recycle bin has no members that can be changed, and who is gone no groups.
        let Some(target) = self.live_group(which).filter(|_| !self.gone[who]) else {
            return;
        };
        if !self.members(target).contains(&guest.id) {
            world.fabrikam_adds_member(target, guest.id);
            self.by_hand.push((which, who));
        }
    }

    /// The group in the target, if it is linked and lives there.
    fn live_group(&self, which: usize) -> Option<ObjectId> {
        let world = self.world;
        let target = world.linked(world.group(&format!("G{which}")).id)?;
        let object = world
            .store
            .read(|reader| reader.object(world.fabrikam.id, target));
        let is_live = |it: &Stored| it.state == ObjectState::Live;
        object.unwrap().filter(is_live).map(|_| target)
    }

    fn members(&self, group: ObjectId) -> BTreeSet<ObjectId> {
        let world = self.world;
        let members = world.store.read(|reader| {
            reader.edges_from(world.fabrikam.id, EdgeKind::Member, group, None, 100)
        });
        members.unwrap().into_iter().collect()
    }

    fn has_others(&self, than: usize) -> bool {
        (0..PEOPLE).any(|who| who != than && !self.gone[who])
    }

    /// Who is gone from the source and not from the target.
    fn left_over(&self) -> BTreeSet<ObjectId> {
        let gone = (0..PEOPLE).filter(|who| self.gone[*who]);
        let guests = gone.filter_map(|who| self.world.target_user(&format!("p{who}")));
        guests.map(|it| it.id).collect()
    }

    /// Of the groups that live in the target those whose source is in the recycle bin, with all their
    /// members, and the others with those members who are gone from the source.
    fn to_be_held(&self) -> BTreeMap<ObjectId, (bool, BTreeSet<ObjectId>)> {
        let left_over = self.left_over();
        let groups = (0..GROUPS).filter_map(|which| Some((which, self.live_group(which)?)));
        let held = groups.map(|(which, target)| {
            let mut members = self.members(target);
            let deleted = self.group_bin[which];
            members.retain(|it| deleted || left_over.contains(it));
            (target, (deleted, members))
        });
        held.collect()
    }

    /// What the gate holds, or did not come to yet, is as it was.
    fn check_held(&self, before: &BTreeMap<ObjectId, (bool, BTreeSet<ObjectId>)>) {
        let now = self.to_be_held();
        let guests: BTreeSet<ObjectId> = self.world.guests().values().map(|it| it.id).collect();
        for (group, (deleted, members)) in before {
            let Some((_, now)) = now.get(group) else {
                continue;
            };
            let went = members.difference(now);
            let went = went.filter(|it| guests.contains(it)).count();
            assert_eq!(went, 0, "somebody who is still there lost a membership");
            assert!(!deleted || now.is_subset(members), "a group gained members");
        }
    }

    fn told_memberships(&self) -> ToldMemberships {
        let world = self.world;
        let people: Vec<ObjectId> = (0..PEOPLE)
            .map(|who| world.person(&format!("p{who}")).id)
            .collect();
        let groups: Vec<ObjectId> = (0..GROUPS)
            .map(|which| world.group(&format!("G{which}")).id)
            .collect();
        ToldMemberships::of(world, &people, &groups)
    }

    fn cycle(&self) {
        // What failed is not due between the two.
        self.world.clock.advance_seconds(INTERVAL_SECONDS);
        let planned = self.world.plan();
        let told = self.told_memberships();
        let before = self.to_be_held();
        let report = self.world.cycle_at_once();
        self.check_held(&before);
        assert_eq!(planned.counts, report.counts);
        told.check(self.world, &report);
    }
}

proptest! {
    #![proptest_config(few(48))]

    /// Whatever happens, in the end everybody is in the groups that he is in, or that somebody of the
    /// target put him in.
    #[test]
    fn in_the_end_members_are_those_of_the_source(
        sizes in sizes(5),
        ahead: bool,
        keeps_what_leaves: bool,
        settled: bool,
        gate: bool,
        is_patient: bool,
        events in prop::collection::vec(event(), 0..40),
    ) {
        let mut world = world().with_page_sizes(sizes);
        world.runner = world.runner.clone().with_deciding_ahead(ahead);
        world.scope_to("department", "Here");
        for person in world.people("p", PEOPLE) {
            person.department("Here");
        }
        for which in 0..GROUPS {
            world.group(&format!("G{which}"));
        }
        if keeps_what_leaves {
            world.secret("SkipOutOfScopeDeletions", "true");
        }
        if !is_patient {
            world.set(escrow::GIVE_UP_AFTER, "PT5M");
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
            gone: [false; PEOPLE],
            group_bin: [false; GROUPS],
            by_hand: Vec::new(),
            consent: true,
            bystanders: Bystanders::move_in(&world, "p0", "G0"),
            pauses_left: PAUSES,
        };
        if settled {
            for who in 0..PEOPLE {
                history.happens(Event::Joins(who % GROUPS, who));
            }
            history.happens(Event::Cycle);
        }
        history.happens(Event::Gate(gate));
        for event in events {
            history.happens(event);
        }
        history.happens(Event::Consent(true));
        history.happens(Event::Members(true));
        history.happens(Event::ScopeOpen);
        history.happens(Event::Gate(false));
        for who in 0..PEOPLE {
            history.happens(Event::Restored(who));
            history.happens(Event::Enabled(who));
            // Whoever was purged in the target is looked at again.
            if !history.gone[who] {
                let person = world.person(&format!("p{who}"));
                person.department("Here").set(Attr::JOB_TITLE, "of old");
            }
        }
        for which in 0..GROUPS {
            history.happens(Event::GroupRestored(which));
            world.group(&format!("G{which}")).described("of old");
        }
        // What was given up is tried again, too.
        world.restart("Escrows");
        for _ in 0..3 {
            world.clock.advance_seconds(DAY);
            prop_assert_ne!(world.cycle().state, CycleState::Failed);
        }
        prop_assert_eq!(world.traces().escrows, 0);
        prop_assert_eq!(world.cycle().counts, Counts::default());
        let left_over = history.left_over();
        prop_assert!(left_over.is_empty());
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
            let mut members = world.members_in_fabrikam(&name);
            members.retain(|it| left_over.iter().all(|left| left.to_string() != *it));
            prop_assert_eq!(members, wanted, "{}", name);
        }
        history.bystanders.check(&world);
    }
}
