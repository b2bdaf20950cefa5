//! What happens, made to happen; and the oracle, which knows what Fabrikam should show then.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use syncline_engine::evidence::EvidenceOutcome;
use syncline_engine::{Evidence, SynchronizationSchema};
use syncline_model::job::{Counts, CycleState};
use syncline_model::{EntityKind, ObjectId};
use syncline_runner::{PageSizes, Progress};

use super::event::{Event, MANAGER_FLOWS};
use super::{DEPARTMENTS, PEOPLE};
use crate::world::{AfterPage, Guest, State, World, map, only};

/// What is known of one person.
#[derive(Clone, Debug)]
struct Facts {
    name: String,
    life: Life,
    enabled: bool,
    department: &'static str,
    assigned: bool,
    member: bool,
    manager: Option<usize>,
    /// Has been in Fabrikam: from then on he is there whenever he is wanted, enabled or not.
    known: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    NotHired,
    Live,
    Deleted,
}

/// What Fabrikam should show of one person.
#[derive(Clone, Debug, PartialEq)]
enum Expected {
    Live {
        department: String,
        enabled: bool,
        manager: Option<String>,
    },
    NotLive,
}

pub struct History {
    pub world: World,
    people: Vec<Facts>,
    hired: usize,
    group_assigned: bool,
    everyone: bool,
    scope: Option<usize>,
    capitals: bool,
}

impl History {
    pub fn new(sizes: PageSizes, everyone: bool) -> Self {
        // Whether a page joins the one before depends on which thread is quicker.
        let world = World::new().with_page_sizes(PageSizes { in_one: 2, ..sizes });
        if !everyone {
            world.sync_assigned();
        }
        // Never leaves: a tenant without anybody is refused as an accident.
        world.person("rock").assigned();
        world.group("Group");
        let nobody = Facts {
            name: String::new(),
            life: Life::NotHired,
            enabled: true,
            department: "",
            assigned: false,
            member: false,
            manager: None,
            known: false,
        };
        Self {
            world,
            people: vec![nobody; PEOPLE],
            hired: 0,
            group_assigned: false,
            everyone,
            scope: None,
            capitals: false,
        }
    }

    fn is_wanted(&self, who: usize) -> bool {
        let facts = &self.people[who];
        let entitled = self.everyone || facts.assigned || (facts.member && self.group_assigned);
        let in_scope = self
            .scope
            .is_none_or(|it| facts.department == DEPARTMENTS[it]);
        facts.life == Life::Live && entitled && in_scope
    }

    fn is_present(&self, who: usize) -> bool {
        self.is_wanted(who) && self.people[who].known
    }

    /// Everybody was looked at.
    pub fn everybody_is_known(&mut self) {
        for who in 0..PEOPLE {
            if self.is_wanted(who) && self.people[who].enabled {
                self.people[who].known = true;
            }
        }
    }

    fn expected(&self) -> BTreeMap<String, Expected> {
        let hired = (0..PEOPLE).filter(|who| self.people[*who].life != Life::NotHired);
        hired
            .map(|who| {
                let facts = &self.people[who];
                let manager = facts.manager.filter(|manager| self.is_present(*manager));
                let expected = if self.is_present(who) {
                    Expected::Live {
                        department: self.mapped(facts.department),
                        enabled: facts.enabled,
                        manager: manager.map(|manager| self.people[manager].name.clone()),
                    }
                } else {
                    Expected::NotLive
                };
                (facts.name.clone(), expected)
            })
            .collect()
    }

    fn mapped(&self, department: &str) -> String {
        if self.capitals {
            department.to_uppercase()
        } else {
            department.to_owned()
        }
    }

    fn actual(&self) -> BTreeMap<String, Expected> {
        let mut guests = self.world.guests();
        let hired = self
            .people
            .iter()
            .filter(|facts| facts.life != Life::NotHired);
        let actual = hired
            .map(|facts| {
                let guest = guests.remove(&self.world.person(&facts.name).id);
                let shown = match guest.filter(|guest| guest.state == State::Live) {
                    Some(guest) => Expected::Live {
                        department: guest.department().to_owned(),
                        enabled: guest.is_enabled(),
                        manager: guest.manager,
                    },
                    None => Expected::NotLive,
                };
                (facts.name.clone(), shown)
            })
            .collect();
        guests.remove(&self.world.person("rock").id);
        assert!(
            guests.values().all(|guest| !guest.is_live()),
            "somebody who was purged is still there: {guests:?}"
        );
        actual
    }

    pub fn check(&self) {
        assert_eq!(self.actual(), self.expected());
    }

    /// What would be decided of everybody who was hired, as they are explained.
    pub fn explained(&self) -> BTreeMap<ObjectId, Evidence> {
        let world = &self.world;
        let hired = self.people.iter().filter(|it| it.life != Life::NotHired);
        hired
            .map(|facts| {
                let id = world.person(&facts.name).id;
                let kind = EntityKind::User;
                let explained = world.runner.explain(world.contoso.id, &world.job, kind, id);
                (id, explained.unwrap().evidence.unwrap())
            })
            .collect()
    }

    /// The cycle since then has decided the same of whom the log tells, but for removals that are held, and
    /// references.
    pub fn check_explained(&self, explained: &BTreeMap<ObjectId, Evidence>, before: usize) {
        for evidence in self.world.log().into_iter().skip(before) {
            let Some(told) = explained.get(&evidence.source) else {
                continue;
            };
            match evidence.outcome {
                EvidenceOutcome::Staged => {
                    assert!(is_removal(told), "held, and told as {told:?}");
                    assert_eq!(told.modified, evidence.modified);
                }
                EvidenceOutcome::ReferencesOnly => {}
                done => {
                    assert_eq!(told.outcome, done);
                    assert_eq!(told.modified, evidence.modified);
                }
            }
        }
    }

    /// Cycles until one finds nothing to do; that one must not write either. So much time passes
    /// between them that everything that failed is due again.
    pub fn settle(&mut self) {
        for _ in 0..8 {
            self.world.clock.advance_seconds(24 * 60 * 60);
            // A cycle that goes on looks no further than where it was to end when it began.
            let goes_on = self.world.stored_job().running.is_some();
            let before = self.world.traces();
            let report = self.world.cycle();
            assert_ne!(report.state, CycleState::Failed);
            let pending = report.counts.references_pending;
            let idle = Counts {
                references_pending: pending,
                ..Counts::default()
            };
            if report.counts == idle && !goes_on {
                assert_eq!(self.world.traces(), before);
                return;
            }
        }
        panic!("the cycles do not come to rest");
    }

    pub fn happens(&mut self, event: Event) {
        let world = &self.world;
        match event {
            Event::Hire(who) if self.people[who].life == Life::NotHired => {
                self.hired += 1;
                let name = format!("p{who}-{}", self.hired);
                world.person(&name).department("Sales");
                self.people[who] = Facts {
                    name,
                    life: Life::Live,
                    enabled: true,
                    department: "Sales",
                    assigned: false,
                    member: false,
                    manager: None,
                    known: false,
                };
            }
            Event::Restore(who) if self.people[who].life == Life::Deleted => {
                world.person(&self.people[who].name).restored();
                self.people[who].life = Life::Live;
            }
            Event::Purge(who) if self.people[who].life == Life::Deleted => {
                world.person(&self.people[who].name).purged();
                self.people[who].life = Life::NotHired;
                for facts in &mut self.people {
                    facts.manager = facts.manager.filter(|manager| *manager != who);
                }
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
            Event::Restart => world.restart("Watermark"),
            Event::RestartInFull => world.restart("Full"),
            Event::Cycle => {
                world.cycle();
            }
            Event::CycleThatDies(pages) => {
                let observer = AfterPage::new(|page, _: &Progress| {
                    if page == pages {
                        std::panic::resume_unwind(Box::new("the process dies here"));
                    }
                });
                let _ = catch_unwind(AssertUnwindSafe(|| world.try_cycle(&observer)));
            }
            Event::CycleThatPauses(pages) => {
                world.cycle_watched_by(&AfterPage::new(|page, _: &Progress| {
                    if page == pages {
                        world.pause();
                    }
                }));
                world.start();
            }
            Event::CycleInTrouble(trouble) => {
                trouble.begins(world);
                world.cycle();
                world.target_is_well();
            }
            Event::DeletedInFabrikam(who) | Event::PurgedInFabrikam(who)
                if self.people[who].life != Life::NotHired =>
            {
                let Some(guest) = world.target_user(&self.people[who].name) else {
                    return;
                };
                if guest.is_live() {
                    world.fabrikam_deletes(guest.id);
                }
                if matches!(event, Event::PurgedInFabrikam(_)) {
                    world.fabrikam_purges(guest.id);
                }
            }
            Event::ManagedInFabrikam(who, to) if who != to => {
                let live = |who: usize| {
                    let facts = &self.people[who];
                    let hired = (facts.life != Life::NotHired).then_some(&facts.name)?;
                    world.target_user(hired).filter(Guest::is_live)
                };
                if let (Some(who), Some(to)) = (live(who), live(to)) {
                    world.fabrikam_gives_manager(who.id, to.id);
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

/// Whether the deletion threshold counts it. An account may be switched off with other changes, and while its user is
/// matched anew: those are told as updates.
fn is_removal(told: &Evidence) -> bool {
    match told.outcome {
        EvidenceOutcome::SoftDeleted | EvidenceOutcome::HardDeleted | EvidenceOutcome::Disabled => {
            true
        }
        EvidenceOutcome::Updated { .. } => told.modified.iter().any(|it| {
            it.name.as_str() == "accountEnabled"
                && it.old.as_ref().is_some_and(|old| old.as_str() == "True")
                && it.new.as_ref().is_some_and(|new| new.as_str() == "False")
        }),
        _ => false,
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
