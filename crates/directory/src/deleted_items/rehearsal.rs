//! A restore of many that is taken back page by page, to say beforehand who can come back.

use syncline_model::{IdMap, Problem};
use syncline_store::{KeyName, ObjectState, Stored};

use super::Restoration;
use crate::unique::{Holder, Taken, conflict, keys_of};

/// The unique values of whoever would be back by now. A page that is taken back does not show them to the next one, which
/// would take them for free.
#[derive(Debug, Default)]
pub struct Rehearsal {
    /// By the hash of the value.
    held: IdMap<[u8; 16], Holder>,
}

impl Rehearsal {
    /// Refuses this object of the recycle bin as [`restore`](super::restore) would, had it restored the others before.
    ///
    /// # Errors
    /// When one of those would have a value of this one, and `how` does not help.
    pub fn check(&self, object: &Stored, how: Restoration<'_>) -> Result<(), Problem> {
        let helps = |name: KeyName| match name {
            KeyName::ProxyAddress => how.without_taken_addresses,
            KeyName::UserPrincipalName => how.new_user_principal_name.is_some(),
            _ => false,
        };
        let id = object.entry.id;
        let taken: Vec<Taken> = keys_of(&object.entry, ObjectState::Live)
            .into_iter()
            .filter(|key| !helps(key.name))
            .filter_map(|key| {
                let holder = *self.held.get(&key.hash())?;
                (holder.1 != id).then_some(Taken { key, holder })
            })
            .collect();
        match taken.is_empty() {
            true => Ok(()),
            false => Err(conflict(taken)),
        }
    }

    /// Notes what an object holds that would be back.
    pub fn note(&mut self, restored: &Stored) {
        let holder = (restored.entry.kind, restored.entry.id);
        for key in keys_of(&restored.entry, restored.state) {
            self.held.entry(key.hash()).or_insert(holder);
        }
    }
}
