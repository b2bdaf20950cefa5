//! What administrators of Fabrikam do by hand.

use syncline_model::Attr;

use super::event::{LeftAlone, Spoilt};
use super::facts::Life;
use super::history::History;
use crate::world::Guest;

impl History {
    fn guest(&self, who: usize) -> Option<Guest> {
        let facts = &self.people[who];
        let hired = (facts.life != Life::NotHired).then_some(&facts.name)?;
        self.world.target_user(hired)
    }

    pub(super) fn left_alone(&mut self, who: usize, what: LeftAlone) {
        let Some(guest) = self.guest(who).filter(Guest::is_live) else {
            return;
        };
        match what {
            LeftAlone::Company => {
                let company = format!("Company {}", self.companies.len());
                let world = &self.world;
                world.fabrikam_changes(guest.id, Attr::COMPANY_NAME, company.as_str());
                self.companies.insert(guest.id, company);
            }
            LeftAlone::Club => self.bystanders.put_into_club(&self.world, guest.id),
        }
    }

    pub(super) fn spoilt(&mut self, who: usize, what: Spoilt) {
        let Some(guest) = self.guest(who) else {
            return;
        };
        let (world, id, is_live) = (&self.world, guest.id, guest.is_live());
        match what {
            Spoilt::Deleted if is_live => world.fabrikam_deletes(id),
            Spoilt::Purged => {
                if is_live {
                    world.fabrikam_deletes(id);
                }
                world.fabrikam_purges(id);
            }
            Spoilt::Restored if !is_live => world.fabrikam_restores(id),
            Spoilt::Department if is_live => {
                world.fabrikam_changes(id, Attr::DEPARTMENT, "Fabrikam's");
            }
            Spoilt::Enabled(on) if is_live => world.fabrikam_changes(id, Attr::ACCOUNT_ENABLED, on),
            Spoilt::Unmanaged if guest.manager.is_some() => world.fabrikam_takes_manager(id),
            _ => return,
        }
        self.spoilt.insert(self.people[who].name.clone());
    }

    pub(super) fn managed(&mut self, who: usize, to: usize) {
        let live = |who: usize| self.guest(who).filter(Guest::is_live);
        if let (Some(guest), Some(to)) = (live(who), live(to)) {
            self.world.fabrikam_gives_manager(guest.id, to.id);
            self.spoilt.insert(self.people[who].name.clone());
        }
    }
}
