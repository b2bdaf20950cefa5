//! The users of the tenant whom rows of a file name, and what the rows say of them.

use std::collections::HashMap;

use syncline_model::{Attr, EntityKind, ObjectId, Value};
use syncline_store::{Key, KeyName, Reader, StoreError, Stored, Tenant};

use super::row::Person;

/// The users that have the names of these people already.
pub fn read<'p>(
    reader: &Reader<'_>,
    tenant: &Tenant,
    page: impl IntoIterator<Item = &'p Person>,
) -> Result<Vec<Option<Stored>>, StoreError> {
    let keys: Vec<Key> = page
        .into_iter()
        .map(|person| Key::new(KeyName::UserPrincipalName, &person.user_principal_name))
        .collect();
    let holders = reader.holders(tenant.id, &keys)?;
    let ids: Vec<ObjectId> = holders.iter().flatten().map(|(_, id)| *id).collect();
    let mut stored: HashMap<ObjectId, Stored> = reader
        .objects(tenant.id, EntityKind::User, &ids)?
        .into_iter()
        .map(|it| (it.entry.id, it))
        .collect();
    Ok(holders
        .into_iter()
        .map(|holder| holder.and_then(|(_, id)| stored.remove(&id)))
        .collect())
}

/// What the row says differently. The name is how the user was found; its case stays.
pub fn changes(person: &Person, stored: &Stored) -> Vec<(Attr, Option<Value>)> {
    person
        .attrs
        .iter()
        .filter(|(attr, value)| {
            *attr != Attr::USER_PRINCIPAL_NAME && stored.entry.get(*attr) != Some(*value)
        })
        .map(|(attr, value)| (attr, Some(value.clone())))
        .collect()
}
