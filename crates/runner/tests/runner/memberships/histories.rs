//! Random histories: whatever happens, in the end members are those of the source.

use proptest::prelude::*;
use proptest::test_runner::Config;
use syncline_engine::schema::{AttributeMapping, Filter};
use syncline_model::job::{Counts, CycleState};

use super::{DAY, references, world};
use crate::world::{World, only};

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
