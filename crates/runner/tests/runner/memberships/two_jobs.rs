//! Random histories of two jobs towards one tenant, who share its people and groups: each belongs to one of
//! them at a time, and is handed over.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use syncline_engine::escrow;
use syncline_engine::schema::FlowTypes;
use syncline_model::job::{Counts, CycleState};
use syncline_model::link::LinkState;
use syncline_model::{JobId, ObjectId};
use syncline_runner::PageSizes;
use syncline_store::EdgeKind;
use syncline_testkit::few;

use super::{DAY, world};
use crate::sizes::sizes;
use crate::world::{State, World, only};

const PEOPLE: usize = 4;
const GROUPS: usize = 2;
const JOBS: [&str; 2] = ["first", "second"];

#[derive(Clone, Copy, Debug)]
enum Event {
    Joins(usize, usize),
    Leaves(usize, usize),
    /// To a manager, or to nobody.
    Reports(usize, Option<usize>),
    /// From now on this job has him, or it.
    Moves(usize, usize),
    GroupMoves(usize, usize),
    Deleted(usize),
    Restored(usize),
    DeletedForGood(usize),
    GroupDeleted(usize),
    GroupRestored(usize),
    /// Of one job: every removal is held, or none.
    Gate(usize, bool),
    Restart(usize),
    /// So long nobody looks that the traces of what was taken away go, and no recycle bin empties itself.
    Pause,
    Cycle(usize),
}

fn event() -> impl Strategy<Value = Event> {
    let who = 0..PEOPLE;
    let group = 0..GROUPS;
    let job = 0..JOBS.len();
    prop_oneof![
        5 => (group.clone(), who.clone()).prop_map(|(group, who)| Event::Joins(group, who)),
        3 => (group.clone(), who.clone()).prop_map(|(group, who)| Event::Leaves(group, who)),
        4 => (who.clone(), prop::option::weighted(0.8, who.clone())).prop_map(|(who, to)| Event::Reports(who, to)),
        2 => (who.clone(), job.clone()).prop_map(|(who, to)| Event::Moves(who, to)),
        3 => (group.clone(), job.clone()).prop_map(|(group, to)| Event::GroupMoves(group, to)),
        1 => who.clone().prop_map(Event::Deleted),
        1 => who.clone().prop_map(Event::Restored),
        // Somebody stays: a source that shows nobody any more is not believed, and its cycles fail.
        2 => (0..PEOPLE - 1).prop_map(Event::DeletedForGood),
        1 => group.clone().prop_map(Event::GroupDeleted),
        2 => group.prop_map(Event::GroupRestored),
        2 => (job.clone(), any::<bool>()).prop_map(|(job, closed)| Event::Gate(job, closed)),
        1 => job.clone().prop_map(Event::Restart),
        1 => Just(Event::Pause),
        9 => job.prop_map(Event::Cycle),
    ]
}

struct History {
    world: World,
    jobs: [(ObjectId, JobId); 2],
    /// In the source's recycle bin, or past it.
    bin: [bool; PEOPLE],
    gone: [bool; PEOPLE],
    group_bin: [bool; GROUPS],
    of_job: [usize; PEOPLE],
    group_of_job: [usize; GROUPS],
    has_paused: bool,
}

fn person(who: usize) -> String {
    format!("p{who}")
}

fn group(which: usize) -> String {
    format!("G{which}")
}

/// Who and what belongs to this job, which deletes groups that leave it, or keeps them.
fn configure(world: &World, job: usize, deletes_groups: bool) {
    world.change_schema(|schema| {
        let [people, groups, ..] = &mut schema.synchronization_rules[0].object_mappings[..] else {
            panic!("people and groups are mapped");
        };
        people.scope = Some(only("department", JOBS[job]));
        groups.scope = Some(only("description", JOBS[job]));
        if !deletes_groups {
            groups.flow_types = FlowTypes("Add,Update".to_owned());
        }
    });
}

impl History {
    fn new(sizes: PageSizes, deletes_groups: bool) -> Self {
        let mut world = world().with_page_sizes(sizes);
        for who in world.people("p", PEOPLE) {
            who.department(JOBS[0]);
        }
        for which in 0..GROUPS {
            world.group(&group(which)).described(JOBS[0]);
        }
        configure(&world, 0, deletes_groups);
        let first = world.another_configuration();
        world.groups_flow();
        configure(&world, 1, deletes_groups);
        let second = world.speak_of(first.clone());
        Self {
            world,
            jobs: [first, second],
            bin: [false; PEOPLE],
            gone: [false; PEOPLE],
            group_bin: [false; GROUPS],
            of_job: [0; PEOPLE],
            group_of_job: [0; GROUPS],
            has_paused: false,
        }
    }

    /// What fails is tried again when its cause is gone, or never.
    fn gives_up_at_once(&mut self) {
        for job in 0..JOBS.len() {
            self.speak_of(job);
            self.world.set(escrow::GIVE_UP_AFTER, "PT5M");
        }
    }

    /// Whether the job that he belongs to keeps him in step.
    fn is_kept(&self, who: usize, guest: ObjectId) -> bool {
        let id = self.world.person(&person(who)).id;
        let (_, job) = &self.jobs[self.of_job[who]];
        let links = self
            .world
            .store
            .read(|reader| reader.links_for(self.world.contoso.id, job, &[id]));
        let link = links.unwrap().remove(0);
        link.is_some_and(|it| it.state == LinkState::Live && it.target == guest)
    }

    fn speak_of(&mut self, job: usize) {
        self.world.speak_of(self.jobs[job].clone());
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Gate(job, _) | Event::Restart(job) | Event::Cycle(job) => self.speak_of(job),
            _ => {}
        }
        let world = &self.world;
        let known = |who: usize| world.person(&person(who));
        match event {
            Event::Joins(which, who) if self.is_free(which, who) && !self.is_member(which, who) => {
                world.group(&group(which)).with(&[known(who)]);
            }
            Event::Leaves(which, who) if self.is_free(which, who) && self.is_member(which, who) => {
                world.group(&group(which)).without(known(who));
            }
            Event::Reports(who, to) if !self.bin[who] && self.may_report(who, to) => {
                match (to, self.manager(who)) {
                    (Some(to), _) => drop(known(who).manager(&person(to))),
                    (None, Some(_)) => drop(known(who).without_manager()),
                    (None, None) => {}
                }
            }
            Event::Moves(who, to) if !self.bin[who] => {
                known(who).department(JOBS[to]);
                self.of_job[who] = to;
            }
            Event::GroupMoves(which, to) if !self.group_bin[which] => {
                world.group(&group(which)).described(JOBS[to]);
                self.group_of_job[which] = to;
            }
            Event::Deleted(who) if !self.bin[who] => {
                known(who).deleted();
                self.bin[who] = true;
            }
            Event::Restored(who) if self.bin[who] && !self.gone[who] => {
                known(who).restored();
                self.bin[who] = false;
            }
            Event::DeletedForGood(who) if !self.gone[who] => {
                if !self.bin[who] {
                    known(who).deleted();
                }
                known(who).purged();
                (self.bin[who], self.gone[who]) = (true, true);
            }
            Event::GroupDeleted(which) if !self.group_bin[which] => {
                world.group(&group(which)).deleted();
                self.group_bin[which] = true;
            }
            Event::GroupRestored(which) if self.group_bin[which] => {
                world.group(&group(which)).restored();
                self.group_bin[which] = false;
            }
            Event::Gate(_, closed) => world.threshold(if closed { 1 } else { 500 }),
            Event::Restart(_) => world.restart("Watermark"),
            Event::Pause if !self.has_paused => {
                world.traces_go();
                self.has_paused = true;
            }
            Event::Cycle(_) => self.cycle(),
            _ => {}
        }
    }

    /// As planned; and whoever is gone from the source and still there is in the groups that he was in.
    fn cycle(&self) {
        // What failed is due again before it is planned.
        self.world.clock.advance_seconds(DAY);
        let before = self.members();
        let planned = self.world.plan();
        let report = self.world.cycle();
        assert_eq!(planned.counts, report.counts);
        let now = self.members();
        let guests = self.world.guests();
        for who in (0..PEOPLE).filter(|who| self.gone[*who]) {
            let id = self.world.person(&person(who)).id;
            if !guests.contains_key(&id) {
                continue;
            }
            for (which, members) in &before {
                let stayed = now.get(which).is_none_or(|now| now.contains(&who));
                assert!(!members.contains(&who) || stayed, "{who} lost a membership");
            }
        }
    }

    fn is_free(&self, which: usize, who: usize) -> bool {
        !self.bin[who] && !self.group_bin[which]
    }

    fn may_report(&self, who: usize, to: Option<usize>) -> bool {
        to.is_none_or(|to| to != who && !self.bin[to])
    }

    /// By the source's word.
    fn manager(&self, who: usize) -> Option<usize> {
        let (tenant, id) = (self.world.contoso.id, self.world.person(&person(who)).id);
        let found = self
            .world
            .store
            .read(|reader| reader.single_edges(tenant, EdgeKind::Manager, &[id]));
        let manager = found.unwrap().remove(0)?;
        let is = |it: &usize| self.world.person(&person(*it)).id == manager;
        (0..PEOPLE).find(|it| is(it) && !self.bin[*it])
    }

    fn is_member(&self, which: usize, who: usize) -> bool {
        self.wanted(which).contains(&who)
    }

    /// By the source's word.
    fn wanted(&self, which: usize) -> BTreeSet<usize> {
        let tenant = self.world.contoso.id;
        let source = self.world.group(&group(which)).id;
        let ids = self.edges(tenant, source);
        let is_in = |who: &usize| ids.contains(&self.world.person(&person(*who)).id);
        (0..PEOPLE).filter(is_in).collect()
    }

    /// Of each group that is in the target, those of the people who are in it there.
    fn members(&self) -> BTreeMap<usize, BTreeSet<usize>> {
        let guests = self.world.guests();
        let targets = (0..GROUPS).filter_map(|which| Some((which, self.target(which)?)));
        let members = targets.map(|(which, target)| {
            let ids = self.edges(self.world.fabrikam.id, target);
            let is_in = |who: &usize| {
                let guest = guests.get(&self.world.person(&person(*who)).id);
                guest.is_some_and(|it| ids.contains(&it.id))
            };
            (which, (0..PEOPLE).filter(is_in).collect())
        });
        members.collect()
    }

    fn edges(&self, tenant: syncline_model::TenantId, group: ObjectId) -> Vec<ObjectId> {
        let found = self
            .world
            .store
            .read(|reader| reader.edges_from(tenant, EdgeKind::Member, group, None, 100));
        found.unwrap()
    }

    /// The group in the target, whichever job has or had it.
    fn target(&self, which: usize) -> Option<ObjectId> {
        let source = self.world.group(&group(which)).id;
        let linked = self.jobs.iter().find_map(|(_, job)| {
            let links = self
                .world
                .store
                .read(|reader| reader.links_for(self.world.contoso.id, job, &[source]));
            links.unwrap().remove(0)
        });
        linked.map(|link| link.target)
    }
}

proptest! {
    #![proptest_config(few(32))]

    /// In the end everybody is in the groups, and has the manager, that the source says, whichever job has them.
    #[test]
    fn what_two_jobs_share_is_lost_by_neither(
        sizes in sizes(4),
        deletes_groups: bool,
        is_patient: bool,
        events in prop::collection::vec(event(), 0..40),
    ) {
        let mut history = History::new(sizes, deletes_groups);
        if !is_patient {
            history.gives_up_at_once();
        }
        for who in 0..PEOPLE {
            history.happens(Event::Joins(who % GROUPS, who));
        }
        history.happens(Event::Cycle(0));
        for event in events {
            history.happens(event);
        }
        for who in 0..PEOPLE {
            history.happens(Event::Restored(who));
        }
        for which in 0..GROUPS {
            history.happens(Event::GroupRestored(which));
        }
        for job in 0..JOBS.len() {
            history.happens(Event::Gate(job, false));
        }
        for _ in 0..4 {
            for job in 0..JOBS.len() {
                history.world.clock.advance_seconds(DAY);
                history.speak_of(job);
                prop_assert_ne!(history.world.cycle().state, CycleState::Failed);
            }
        }
        for job in 0..JOBS.len() {
            history.speak_of(job);
            prop_assert_eq!(history.world.cycle().counts, Counts::default());
        }
        let guests = history.world.guests();
        for who in 0..PEOPLE {
            let guest = guests.get(&history.world.person(&person(who)).id);
            let lives = guest.is_some_and(|it| it.state == State::Live);
            prop_assert_eq!(lives, !history.gone[who], "{}", who);
            if let Some(guest) = guest.filter(|_| lives) {
                prop_assert!(history.is_kept(who, guest.id), "{} is kept in step", who);
                let manager = history.manager(who).map(person);
                prop_assert_eq!(&guest.manager, &manager, "of {}", who);
            }
        }
        let members = history.members();
        for which in 0..GROUPS {
            let wanted = history.wanted(which);
            let Some(there) = members.get(&which) else {
                panic!("{which} is in nobody's target");
            };
            prop_assert_eq!(there, &wanted, "in {}", which);
        }
    }
}
