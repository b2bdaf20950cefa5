//! What happens, made to happen.

use std::collections::{BTreeMap, BTreeSet};

use syncline_directory::deleted_items::RETENTION_DAYS;
use syncline_engine::SynchronizationSchema;
use syncline_model::job::ScheduleState;
use syncline_model::{Clock as _, ObjectId, Timestamp};
use syncline_runner::{LOG_DAYS, PageSizes};
use syncline_store::{ObjectState, Stored};

use super::cycles::FIRST;
use super::event::{Event, MANAGER_FLOWS};
use super::facts::{Facts, Life};
use super::permission::Permission;
use super::{DEPARTMENTS, PEOPLE, consent};
use crate::world::{Bystanders, Guest, World, map, only};

const DAY_SECONDS: i64 = 24 * 60 * 60;

pub struct History {
    pub world: World,
    pub(super) people: Vec<Facts>,
    hired: usize,
    pub(super) group_assigned: bool,
    pub(super) everyone: bool,
    pub(super) scope: Option<usize>,
    pub(super) capitals: bool,
    pub(super) sizes: PageSizes,
    /// Fabrikam lets the job in.
    pub(super) is_let_in: bool,
    /// The group is synchronized as well, with its members.
    pub(super) groups_flow: bool,
    /// So many removals of a cycle are held, where that is looked at.
    pub(super) threshold: Option<u64>,
    pub(super) permission: Permission,
    /// Who was in Fabrikam before a cycle broke off that has not come to its end since.
    pub(super) before: Option<BTreeMap<ObjectId, Guest>>,
    pub(super) bystanders: Bystanders,
    /// What external users of Fabrikam were given there that is not mapped.
    pub(super) companies: BTreeMap<ObjectId, String>,
    /// Names of those whom administrators of Fabrikam changed otherwise.
    pub(super) spoilt: BTreeSet<String>,
}

impl History {
    pub fn new(sizes: PageSizes, everyone: bool) -> Self {
        // Whether a page joins the one before depends on which thread is quicker.
        let sizes = PageSizes { in_one: 2, ..sizes };
        let mut world = World::new().with_page_sizes(sizes);
        world.runner = world.runner.clone().with_node(FIRST);
        if !everyone {
            world.sync_assigned();
        }
        // Never leaves: a tenant without anybody is refused as an accident.
        world.person("rock").assigned();
        world.group("Group");
        let bystanders = Bystanders::move_in(&world, "rock", "Group");
        Self {
            world,
            people: vec![Facts::NOBODY; PEOPLE],
            hired: 0,
            group_assigned: false,
            everyone,
            scope: None,
            capitals: false,
            sizes,
            is_let_in: true,
            groups_flow: false,
            threshold: None,
            permission: Permission::Nobody,
            before: None,
            bystanders,
            companies: BTreeMap::new(),
            spoilt: BTreeSet::new(),
        }
    }

    /// The same, where so many removals of a cycle are held.
    pub fn with_threshold(mut self, removals: u64) -> Self {
        self.world.threshold(removals);
        self.threshold = Some(removals);
        self
    }

    /// The same, where the group is synchronized as well, with its members.
    pub fn with_groups(mut self) -> Self {
        self.world.groups_flow();
        self.groups_flow = true;
        self
    }

    /// All of this happens, but that nobody is disabled: whether somebody was seen before that depends on where cycles
    /// broke off, and on what failed.
    pub fn with_nobody_disabled(mut self, events: Vec<Event>) -> Self {
        for event in events {
            match event {
                Event::Disable(_) => {}
                event => self.happens(event),
            }
        }
        self
    }

    pub fn is_let_in(&self) -> bool {
        self.is_let_in
    }

    pub fn happens(&mut self, event: Event) {
        let configures = matches!(
            event,
            Event::Scope(_) | Event::Capitals(_) | Event::Everyone(_) | Event::ManagerFlows(_)
        );
        let configured = |history: &Self| {
            configures.then(|| history.world.stored_job().configuration_generation)
        };
        let before = configured(self);
        self.comes_about(event);
        if configured(self) != before {
            // It was for what the configuration of before removes.
            self.permission = Permission::Nobody;
        }
    }

    fn comes_about(&mut self, event: Event) {
        let world = &self.world;
        match event {
            Event::Hire(who) if self.people[who].life == Life::NotHired => {
                self.hired += 1;
                let name = format!("p{who}-{}", self.hired);
                world.person(&name).department("Sales");
                self.people[who] = Facts::hired_as(name);
            }
            Event::Restore(who) if self.people[who].life == Life::Deleted => {
                world.person(&self.people[who].name).restored();
                self.people[who].life = Life::Live;
            }
            Event::Purge(who) if self.people[who].life == Life::Deleted => {
                world.person(&self.people[who].name).purged();
                self.is_purged(who);
            }
            Event::AssignGroup if !self.group_assigned => {
                world.group("Group").assigned();
                self.group_assigned = true;
            }
            Event::UnassignGroup if self.group_assigned => {
                world.group("Group").unassigned();
                self.group_assigned = false;
            }
            Event::Scope(scope) => {
                world.change_schema(|schema| configure(schema, event));
                self.scope = scope;
            }
            Event::Capitals(capitals) => {
                world.change_schema(|schema| configure(schema, event));
                self.capitals = capitals;
            }
            Event::Everyone(everyone) => {
                world.secret("SyncAll", if everyone { "true" } else { "false" });
                self.everyone = everyone;
            }
            Event::Restart => self.restart("Watermark"),
            Event::RestartInFull => self.restart("Full"),
            Event::RestartOfEscrows => self.restart("Escrows"),
            Event::ForceDeletes => {
                self.restart("ForceDeletes");
                self.permission = Permission::given(&self.world.stored_job());
            }
            Event::Days(days) => self.days(days),
            Event::Withdraw(which) => {
                which.withdraw(world);
                self.is_let_in = false;
            }
            Event::LetIn => self.let_in(),
            Event::Cycle | Event::CycleThatMoves(_) => drop(self.whole_cycle(event)),
            Event::CycleThatDies(pages) => self.cycle_that_dies(pages),
            Event::CycleThatPauses(pages) => self.cycle_that_pauses(pages),
            Event::CycleShutOut(pages, which) => self.cycle_shut_out(pages, which),
            Event::CycleInTrouble(trouble) => self.cycle_in_trouble(trouble),
            Event::LeftAlone(who, what) => self.left_alone(who, what),
            Event::Spoilt(who, what) => self.spoilt(who, what),
            Event::ManagedInFabrikam(who, to) if who != to => self.managed(who, to),
            Event::Namesake(who) => {
                let facts = &mut self.people[who];
                if facts.life != Life::NotHired && !facts.has_namesake {
                    facts.has_namesake = true;
                    self.bystanders.invite_namesake(world, &facts.name);
                }
            }
            Event::ManagerFlows(how) => world.flow_type("manager", MANAGER_FLOWS[how].clone()),
            Event::Move(who, _)
            | Event::Disable(who)
            | Event::Enable(who)
            | Event::Delete(who)
            | Event::Assign(who)
            | Event::Unassign(who)
            | Event::ReportTo(who, _)
            | Event::ReportToNobody(who)
            | Event::Join(who)
            | Event::Leave(who)
                if self.people[who].life == Life::Live =>
            {
                self.happens_to(who, event);
            }
            _ => {}
        }
    }

    /// Without a permission, one that was given before is taken back.
    fn restart(&mut self, scope: &str) {
        self.world.restart(scope);
        self.permission = Permission::Nobody;
    }

    fn is_purged(&mut self, who: usize) {
        self.people[who].life = Life::NotHired;
        for facts in &mut self.people {
            facts.manager = facts.manager.filter(|manager| *manager != who);
        }
    }

    fn days(&mut self, days: i64) {
        self.throw_away_what_is_old();
        self.world.clock.advance_seconds(days * DAY_SECONDS);
        self.throw_away_what_is_old();
    }

    /// What has had its time, and nothing else: whoever was deleted in Contoso long enough ago is gone. Whoever left
    /// Fabrikam as long ago is gone from there as well.
    fn throw_away_what_is_old(&mut self) {
        let world = &self.world;
        let ago = |days: u32| {
            let now = world.clock.now();
            now.plus_seconds(-i64::from(days) * DAY_SECONDS)
        };
        let mut log = world.log_rows();
        log.retain(|row| row.at >= ago(LOG_DAYS));
        let is_over = |who| self.is_deleted_before(who, ago(RETENTION_DAYS));
        let over: Vec<bool> = (0..PEOPLE).map(is_over).collect();
        world.throw_away_what_is_old();
        assert_eq!(world.log_rows(), log);
        let guests = world.guests();
        for (who, is_over) in over.into_iter().enumerate() {
            if self.people[who].life == Life::NotHired {
                continue;
            }
            let id = self.world.person(&self.people[who].name).id;
            self.people[who].known &= guests.contains_key(&id);
            assert_eq!(self.stored(who).is_none(), is_over);
            if is_over {
                self.is_purged(who);
            }
        }
    }

    /// What Contoso has of somebody who was hired, in its recycle bin as well.
    fn stored(&self, who: usize) -> Option<Stored> {
        let world = &self.world;
        let id = world.person(&self.people[who].name).id;
        let stored = world
            .store
            .read(|reader| reader.object(world.contoso.id, id));
        stored.unwrap().filter(|it| it.state != ObjectState::Purged)
    }

    fn is_deleted_before(&self, who: usize, before: Timestamp) -> bool {
        let is_hired = self.people[who].life != Life::NotHired;
        let deleted = is_hired.then(|| self.stored(who)?.deleted_at);
        deleted.flatten().is_some_and(|at| at < before)
    }

    /// Nobody need start a job that waits for this alone.
    fn let_in(&mut self) {
        let world = &self.world;
        consent::give(world);
        if self.groups_flow {
            world.fabrikam_lets_groups_in(true);
        }
        self.is_let_in = true;
        let before = world.stored_job();
        let quarantine = before.status.quarantine.as_ref();
        let is_active = before.state == ScheduleState::Active && before.running.is_none();
        let waits = is_active && quarantine.is_some_and(|it| it.was_refused());
        world.runner.go_on_where_let_in(None, || false).unwrap();
        assert!(!waits || world.stored_job().is_due(world.clock.now()));
    }

    fn happens_to(&mut self, who: usize, event: Event) {
        let before = self.people[who].clone();
        let person = self.world.person(&before.name);
        let group = self.world.group("Group");
        let is_live = |who: usize| self.people[who].life == Life::Live;
        match event {
            Event::Move(_, to) => {
                person.department(DEPARTMENTS[to]);
                self.people[who].department = DEPARTMENTS[to];
            }
            Event::Disable(_) => {
                person.disabled();
                self.people[who].enabled = false;
            }
            Event::Enable(_) => {
                person.enabled();
                self.people[who].enabled = true;
            }
            Event::Delete(_) => {
                person.deleted();
                self.people[who].life = Life::Deleted;
            }
            Event::Assign(_) if !before.assigned => {
                person.assigned();
                self.people[who].assigned = true;
            }
            Event::Unassign(_) if before.assigned => {
                person.unassigned();
                self.people[who].assigned = false;
            }
            Event::ReportTo(_, to) if to != who && is_live(to) => {
                person.manager(&self.people[to].name);
                self.people[who].manager = Some(to);
            }
            Event::ReportToNobody(_) if before.manager.is_some_and(is_live) => {
                person.without_manager();
                self.people[who].manager = None;
            }
            Event::Join(_) if !before.member => {
                group.with(&[person]);
                self.people[who].member = true;
            }
            Event::Leave(_) if before.member => {
                group.without(person);
                self.people[who].member = false;
            }
            _ => {}
        }
    }
}

/// Changes a schema as an event says.
pub fn configure(schema: &mut SynchronizationSchema, event: Event) {
    match event {
        Event::Scope(scope) => {
            let scope = scope.map(|it| only("department", DEPARTMENTS[it]));
            schema.synchronization_rules[0].object_mappings[0].scope = scope;
        }
        Event::Capitals(true) => map(schema, "department", "ToUpper([department])"),
        Event::Capitals(false) => map(schema, "department", "[department]"),
        _ => {}
    }
}
