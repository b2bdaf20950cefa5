//! How an import writes: a page is decided by what it finds in the tenant, and that is carried out, in one transaction. A dry
//! run decides alone, in a snapshot, and so it can write nothing. What the pages before would have written it does not
//! find: whoever would be there by then has a stand-in for an id, to which nothing in the tenant refers.

use std::path::Path;

use syncline_directory::Context;
use syncline_model::ObjectId;
use syncline_store::{Key, Reader, StoreError, Tenant, Tx};

use super::check_users::People;
use super::problems::name;
use super::rows::Hashed;
use crate::app::App;
use crate::failure::Failure;

/// Where an import writes, or only says what it would.
pub(super) struct Pages<'a> {
    pub app: &'a App,
    pub tenant: &'a Tenant,
    pub dry_run: bool,
}

impl Pages<'_> {
    /// Decides about a page and carries that out, unless it is a dry run.
    pub fn page<D>(
        &self,
        decide: impl FnOnce(&Reader<'_>) -> Result<D, Failure>,
        carry_out: impl FnOnce(&mut Tx<'_>, &Context<'_>, &D) -> Result<(), Failure>,
    ) -> Result<D, Failure> {
        if self.dry_run {
            return self.app.store.read(decide);
        }
        self.app.store.write(|tx| {
            let reader: &Reader<'_> = tx;
            let decided = decide(reader)?;
            carry_out(tx, &self.context(), &decided)?;
            Ok(decided)
        })
    }

    /// Carries out what is decided already; nothing in a dry run.
    pub fn carry_out<T>(
        &self,
        work: impl FnOnce(&mut Tx<'_>, &Context<'_>) -> Result<T, Failure>,
    ) -> Result<Option<T>, Failure> {
        if self.dry_run {
            return Ok(None);
        }
        let done = self.app.store.write(|tx| {
            // With the domains that it has now: one may have been removed since the file was checked.
            let id = self.tenant.id;
            let tenant = tx.tenant_to_change(id)?;
            let tenant = &tenant.ok_or(StoreError::UnknownTenant(id))?;
            let context = Context {
                tenant,
                ..self.context()
            };
            work(tx, &context)
        })?;
        Ok(Some(done))
    }

    /// The users who have these names once the people of the file are written; of those who are not, in a dry run, whoever
    /// would be brought back, and a stand-in for whoever would be created.
    pub fn users(
        &self,
        reader: &Reader<'_>,
        people: &People,
        names: &[Key],
    ) -> Result<Vec<Option<ObjectId>>, StoreError> {
        let holders = reader.holders(self.tenant.id, names)?;
        let to_come = |key: &Key| {
            let name = Hashed::of(key);
            let is_to_come = self.dry_run && people.rows.with_name(&name).is_some();
            is_to_come.then(|| {
                let back = people.recycled.get(&name).copied();
                back.unwrap_or_else(|| stand_in(key))
            })
        };
        let found = names.iter().zip(holders);
        Ok(found
            .map(|(key, holder)| holder.map(|(_, id)| id).or_else(|| to_come(key)))
            .collect())
    }

    pub fn context(&self) -> Context<'_> {
        Context {
            tenant: self.tenant,
            now: self.app.clock.now(),
            ids: self.app.ids.as_ref(),
        }
    }

    /// What is being done with a file.
    pub fn label(&self, file: &Path) -> String {
        let doing = match self.dry_run {
            true => "comparing",
            false => "importing",
        };
        format!("{doing} {}", name(file))
    }
}

/// Stands in a dry run for the id of what would be created with this value, which nobody has.
pub(super) fn stand_in(key: &Key) -> ObjectId {
    ObjectId::from_bytes(key.hash())
}
