//! What Fabrikam should show, and what it shows. The oracle knows the facts about people and nothing of links, pages or
//! changes.

use std::collections::{BTreeMap, BTreeSet};

use syncline_engine::evidence::EvidenceOutcome;
use syncline_model::{Attr, ObjectId};

use super::facts::{Expected, Life};
use super::history::History;
use super::{DEPARTMENTS, PEOPLE};
use crate::world::Guest;

/// What Fabrikam shows.
struct Actual {
    /// Of everybody who was hired.
    people: BTreeMap<String, Expected>,
    /// Of him who never leaves, and has no department, whether he lives there.
    rock: bool,
    /// How many are left who were purged since.
    purged: usize,
}

impl History {
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

    fn actual(&self) -> Actual {
        let mut guests = self.world.guests();
        let hired = self
            .people
            .iter()
            .filter(|facts| facts.life != Life::NotHired);
        let people = hired
            .map(|facts| {
                let guest = guests.remove(&self.world.person(&facts.name).id);
                let shown = match guest.filter(Guest::is_live) {
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
        let rock = guests.remove(&self.world.person("rock").id);
        Actual {
            people,
            rock: rock.is_some_and(|it| it.is_live()),
            purged: guests.len(),
        }
    }

    /// Fabrikam is what Contoso says, and everything else in it is what Fabrikam made of it.
    pub fn check(&self) {
        let actual = self.actual();
        assert_eq!(actual.people, self.expected());
        assert_eq!(actual.rock, self.scope.is_none());
        assert_eq!(actual.purged, 0, "somebody who was purged is still there");
        assert_eq!(
            self.world.traces().escrows,
            0,
            "somebody is as he should be, and listed as failed"
        );
        self.check_left_alone();
    }

    /// The same, but for so many removals that are held. Whoever refers to somebody of these may do so still.
    pub fn check_but_for_held(&self, held: u64) {
        let actual = self.actual();
        assert!(actual.rock || self.scope.is_some());
        let mut found = actual.purged + usize::from(actual.rock && self.scope.is_some());
        for (name, expected) in self.expected() {
            match (expected, &actual.people[&name]) {
                (Expected::NotLive, Expected::NotLive) => {}
                (Expected::NotLive, Expected::Live { .. })
                | (Expected::Live { enabled: false, .. }, Expected::Live { enabled: true, .. }) => {
                    found += 1;
                }
                (
                    Expected::Live {
                        department,
                        enabled,
                        ..
                    },
                    Expected::Live {
                        department: is_in,
                        enabled: is_on,
                        ..
                    },
                ) if department == *is_in && enabled == *is_on => {}
                (expected, is) => panic!("{name} is {is:?}, not {expected:?}"),
            }
        }
        assert_eq!(found as u64, held, "held, and not as Contoso says");
    }

    /// Whoever is not as Contoso says waits for another try, or was given up, or an administrator of Fabrikam has made
    /// him so. Nobody else is forgotten.
    pub fn check_nobody_is_forgotten(&self) {
        let actual = self.actual().people;
        let mut spoilt = self.spoilt.clone();
        let manager_of = |who: &usize| self.people[*who].manager;
        let names = |who: usize| &self.people[who].name;
        let by_manager = (0..PEOPLE)
            .filter(|who| manager_of(who).is_some_and(|manager| spoilt.contains(names(manager))));
        let by_manager: BTreeSet<String> = by_manager.map(|who| names(who).clone()).collect();
        spoilt.extend(by_manager);
        for (name, expected) in self.expected() {
            if actual[&name] != expected && !spoilt.contains(&name) {
                let id = self.world.person(&name).id;
                let waits = self.world.store.read(|reader| {
                    reader.escrows_for(self.world.contoso.id, &self.world.job, &[id])
                });
                let is = &actual[&name];
                assert!(
                    waits.unwrap().pop().flatten().is_some(),
                    "{name} is {is:?}, not {expected:?}, and nobody tries it again"
                );
            }
        }
    }

    /// The same once all who wait were tried again, and the given up as well: nobody waits any more.
    pub fn check_everybody_was_tried_again(&self) {
        assert_eq!(
            self.world.traces().escrows,
            0,
            "somebody is not tried again"
        );
        self.check_nobody_is_forgotten();
    }

    /// Whoever failed, as the log says since then, and of whom it tells nothing better behind that, waits for another try
    /// or is listed as given up.
    pub fn check_failures_are_kept(&self, told_before: usize) {
        let told = self.world.log().into_iter().skip(told_before);
        let last = told.map(|it| (it.source, matches!(it.outcome, EvidenceOutcome::Failed(_))));
        let mut last: BTreeMap<ObjectId, bool> = last.collect();
        // What failed in a group may be listed as that of its member, who is gone.
        last.remove(&self.world.group("Group").id);
        let failed = last.into_iter().filter(|(_, has_failed)| *has_failed);
        let failed: Vec<ObjectId> = failed.map(|(id, _)| id).collect();
        let kept = self
            .world
            .store
            .read(|reader| reader.escrows_for(self.world.contoso.id, &self.world.job, &failed));
        for (id, kept) in failed.iter().zip(kept.unwrap()) {
            assert!(kept.is_some(), "{id} failed, and is forgotten");
        }
    }

    /// What Fabrikam made of its own.
    pub fn check_left_alone(&self) {
        self.bystanders.check(&self.world);
        let guests = self.world.guests().into_values();
        let company = |it: Guest| (it.id, it.text(Attr::COMPANY_NAME).to_owned());
        let is: BTreeMap<_, _> = guests.map(company).collect();
        for (guest, company) in &self.companies {
            assert!(is.get(guest).is_none_or(|is| is == company), "{guest}");
        }
    }
}
