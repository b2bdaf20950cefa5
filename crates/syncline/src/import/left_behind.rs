//! Mail addresses that those who are brought back leave behind, because others have them by then, or in the file.

use syncline_directory::addresses_of;
use syncline_model::{Attr, Attrs, Entry, IdSet};
use syncline_store::{Key, KeyName, Reader, StoreError, Stored, Tenant};

use super::check_users::People;
use super::rows::Hashed;

/// The addresses that a user who gets these attributes instead gives up.
pub(super) fn given_up(stored: &Stored, attrs: Attrs) -> Vec<Hashed> {
    let mut before = addresses_of(&stored.entry);
    let after = addresses_of(&Entry {
        attrs,
        ..stored.entry
    });
    before.retain(|it| !after.contains(it));
    before.iter().map(Hashed::of).collect()
}

/// What those who were decided so far do to addresses: the tenant does not show it yet, or, in a dry run, never does.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    given_up: IdSet<Hashed>,
    taken_back: IdSet<Hashed>,
}

impl Addresses {
    /// Somebody live gives these up. On a page it is known before anybody is brought back.
    pub fn give_up(&mut self, addresses: Vec<Hashed>) {
        self.given_up.extend(addresses);
    }

    /// Which addresses of an object of the recycle bin somebody else has by then, or another row of the file, or somebody
    /// who came back before. `mail`: what its own row says, which replaces the primary one. Notes the others as taken back.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn without(
        &mut self,
        reader: &Reader<'_>,
        tenant: &Tenant,
        people: &People,
        stored: &Stored,
        mail: Option<&str>,
    ) -> Result<Vec<Key>, StoreError> {
        let address = |mail: &str| Key::new(KeyName::ProxyAddress, mail);
        let mut wanted = addresses_of(&stored.entry);
        if let Some(mail) = mail.map(address) {
            let replaced = stored.entry.text(Attr::MAIL).map(address);
            wanted.retain(|it| *it != mail && Some(it) != replaced.as_ref());
        }
        let holders = reader.holders(tenant.id, &wanted)?;
        let mut lost = Vec::new();
        for (key, holder) in wanted.into_iter().zip(holders) {
            let hash = Hashed::of(&key);
            // Who is in the recycle bin holds none of them.
            let is_held = holder.is_some() && !self.given_up.contains(&hash);
            if is_held || people.has_address(&key.value) || !self.taken_back.insert(hash) {
                lost.push(key);
            }
        }
        Ok(lost)
    }
}
