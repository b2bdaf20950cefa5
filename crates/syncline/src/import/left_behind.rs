//! Mail addresses that those who are brought back leave behind, because others have them by now, or in the file.

use syncline_directory::addresses_of;
use syncline_model::{Attr, IdSet};
use syncline_store::{Key, KeyName, Reader, StoreError, Stored, Tenant};

use super::check_users::People;
use super::rows::Hashed;

/// The addresses that were taken back so far, which a page that is only decided does not show to the next one.
#[derive(Debug, Default)]
pub(super) struct TakenBack(IdSet<Hashed>);

impl TakenBack {
    /// Which addresses of an object of the recycle bin somebody else has by now, or another row of the file, or somebody
    /// who came back before. `mail`: what its own row says, which replaces the primary one. Notes the others.
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
            let is_taken = holder.is_some() || people.has_address(&key.value);
            // Who is in the recycle bin holds none of them.
            if is_taken || !self.0.insert(Hashed::of(&key)) {
                lost.push(key);
            }
        }
        Ok(lost)
    }
}
