//! The users of the tenant whom rows of a file name, and what the rows say of them.

use std::collections::HashMap;

use syncline_model::{Attr, EntityKind, ObjectId, Value};
use syncline_store::{Key, KeyName, Reader, StoreError, Stored, Tenant};

use super::BYTES;
use super::check_users::People;
use super::row::Person;

/// The users that have the names of these people already, and those who are brought back under them from the recycle bin.
/// Of as many of the people, the first ones, as are read at once: of one at least.
pub fn read<'p>(
    reader: &Reader<'_>,
    tenant: &Tenant,
    people: &People,
    page: impl IntoIterator<Item = &'p Person>,
) -> Result<Vec<Option<Stored>>, StoreError> {
    let keys: Vec<Key> = page
        .into_iter()
        .map(|person| Key::new(KeyName::UserPrincipalName, &person.user_principal_name))
        .collect();
    let holders = reader.holders(tenant.id, &keys)?;
    let mut meant: Vec<Option<ObjectId>> = keys
        .iter()
        .zip(holders)
        .map(|(key, holder)| holder.map(|(_, id)| id).or_else(|| people.comes_back(key)))
        .collect();
    let ids: Vec<ObjectId> = meant.iter().flatten().copied().collect();
    let kind = EntityKind::User;
    let fit = match ids.is_empty() {
        true => 0,
        false => reader.fitting_of(tenant.id, &[kind], &ids, BYTES)?,
    };
    if let Some(next) = ids.get(fit) {
        let end = meant.iter().position(|it| it.as_ref() == Some(next));
        meant.truncate(end.unwrap_or(meant.len()));
    }
    let mut stored: HashMap<ObjectId, Stored> = reader
        .objects(tenant.id, kind, ids.get(..fit).unwrap_or(&ids))?
        .into_iter()
        .map(|it| (it.entry.id, it))
        .collect();
    Ok(meant
        .into_iter()
        .map(|id| id.and_then(|id| stored.remove(&id)))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::large_people::{COUNT, World};
    use syncline_model::Attrs;

    fn person(name: &str) -> Person {
        Person {
            user_principal_name: name.to_owned(),
            attrs: Attrs::new(),
        }
    }

    #[test]
    fn of_large_people_fewer_are_read_at_once() {
        let world = World::new();
        // Whom nobody knows takes no room.
        let rows: Vec<Person> = (0..COUNT)
            .flat_map(|it| [format!("new{it}@contoso.example"), World::name(it)])
            .map(|name| person(&name))
            .collect();
        let (mut left, mut pages) = (&rows[..], 0);
        while !left.is_empty() {
            let people = People::default();
            let known = world
                .app
                .store
                .read(|reader| read(reader, &world.tenant, &people, left))
                .unwrap();
            let bytes: usize = known.iter().flatten().map(Stored::bytes).sum();
            assert!(bytes <= BYTES, "{bytes}");
            let (some, rest) = left.split_at(known.len());
            for (person, known) in some.iter().zip(&known) {
                let name = known
                    .as_ref()
                    .map(|it| it.entry.text(Attr::USER_PRINCIPAL_NAME));
                let is_new = person.user_principal_name.starts_with("new");
                let expected = (!is_new).then_some(Some(&*person.user_principal_name));
                assert_eq!(name, expected);
            }
            left = rest;
            pages += 1;
        }
        assert_eq!(pages, 2);
    }
}
