//! The people of Contoso.

use syncline_directory::deleted_items::{self, Restoration};
use syncline_directory::users::NewUser;
use syncline_directory::{app_role_assignments, users};
use syncline_model::{Attr, Attrs, EntityKind, Entry, ObjectId, Value};

use super::{World, id_of};

/// Somebody of Contoso. Every word changes the directory at once.
#[derive(Clone, Copy)]
pub struct Person<'w> {
    world: &'w World,
    pub id: ObjectId,
}

impl World {
    /// The person of that name, who is hired on first mention: an enabled internal member.
    pub fn person(&self, name: &str) -> Person<'_> {
        if let Some(id) = self.people.lock().unwrap().get(name) {
            return Person {
                world: self,
                id: *id,
            };
        }
        let new = NewUser { attrs: attrs(name) };
        let id = id_of(&self.write(|tx, context| users::create(tx, context, new)));
        self.people.lock().unwrap().insert(name.to_owned(), id);
        Person { world: self, id }
    }

    /// Hires many at once: `<prefix>0`, `<prefix>1`, …
    pub fn people(&self, prefix: &str, count: usize) -> Vec<Person<'_>> {
        let names: Vec<String> = (0..count)
            .map(|number| format!("{prefix}{number}"))
            .collect();
        let new = names
            .iter()
            .map(|name| NewUser { attrs: attrs(name) })
            .collect();
        let ids = self.write(|tx, context| users::create_many(tx, context, new));
        let mut people = self.people.lock().unwrap();
        names
            .into_iter()
            .zip(ids)
            .map(|(name, id)| {
                let id = id.unwrap();
                people.insert(name, id);
                Person { world: self, id }
            })
            .collect()
    }

    /// Makes one the manager of many at once.
    pub fn all_report_to(&self, people: &[Person<'_>], manager: Person<'_>) {
        let pairs: Vec<(ObjectId, ObjectId)> = people
            .iter()
            .filter(|person| person.id != manager.id)
            .map(|person| (person.id, manager.id))
            .collect();
        self.write(|tx, context| users::set_managers(tx, context, &pairs));
    }

    /// Everybody ever hired.
    pub fn everybody(&self) -> Vec<(String, ObjectId)> {
        let people = self.people.lock().unwrap();
        people
            .iter()
            .map(|(name, id)| (name.clone(), *id))
            .collect()
    }

    /// Calls the one who had the name by another, so that somebody else can be hired under it.
    pub fn remember_as(&self, name: &str, other: &str) {
        let mut people = self.people.lock().unwrap();
        let id = people.remove(name).unwrap();
        people.insert(other.to_owned(), id);
    }

    pub(super) fn name_of(&self, id: ObjectId) -> String {
        let people = self.people.lock().unwrap();
        people
            .iter()
            .find(|(_, it)| **it == id)
            .map_or_else(|| id.to_string(), |(name, _)| name.clone())
    }
}

pub fn upn(name: &str) -> String {
    format!("{name}@contoso.example")
}

fn attrs(name: &str) -> Attrs {
    Attrs::new()
        .with(Attr::DISPLAY_NAME, format!("{name} of Contoso"))
        .with(Attr::USER_PRINCIPAL_NAME, upn(name))
        .with(Attr::MAIL_NICKNAME, name)
        .with(Attr::MAIL, upn(name))
        .with(Attr::ACCOUNT_ENABLED, true)
}

impl<'w> Person<'w> {
    pub fn set(self, attr: Attr, value: impl Into<Value>) -> Self {
        let changes = [(attr, Some(value.into()))];
        self.world
            .write(|tx, context| users::update(tx, context, self.id, &changes));
        self
    }

    pub fn clear(self, attr: Attr) -> Self {
        self.world
            .write(|tx, context| users::update(tx, context, self.id, &[(attr, None)]));
        self
    }

    pub fn department(self, name: &str) -> Self {
        self.set(Attr::DEPARTMENT, name)
    }

    pub fn disabled(self) -> Self {
        self.set(Attr::ACCOUNT_ENABLED, false)
    }

    pub fn enabled(self) -> Self {
        self.set(Attr::ACCOUNT_ENABLED, true)
    }

    /// An internal guest.
    pub fn guest(self) -> Self {
        self.set(Attr::USER_TYPE, "Guest")
    }

    /// Somebody of another tenant, invited into Contoso.
    pub fn external(self) -> Self {
        self.overwrite(|entry| {
            entry.attrs.set(Attr::CREATION_TYPE, "Invitation");
        })
    }

    /// Changes name and address together.
    pub fn renamed(self, name: &str) -> Self {
        let changes = [
            (Attr::USER_PRINCIPAL_NAME, Some(Value::text(upn(name)))),
            (Attr::MAIL, Some(Value::text(upn(name)))),
        ];
        self.world
            .write(|tx, context| users::update(tx, context, self.id, &changes));
        self
    }

    pub fn manager(self, name: &str) -> Self {
        let manager = self.world.person(name).id;
        self.world
            .write(|tx, context| users::set_manager(tx, context, self.id, manager));
        self
    }

    pub fn without_manager(self) -> Self {
        self.world
            .write(|tx, context| users::remove_manager(tx, context, self.id));
        self
    }

    /// Into the recycle bin.
    pub fn deleted(self) -> Self {
        self.world
            .write(|tx, context| users::delete(tx, context, self.id));
        self
    }

    pub fn restored(self) -> Self {
        self.world.write(|tx, context| {
            deleted_items::restore(tx, context, self.id, Restoration::default())
        });
        self
    }

    /// Out of the recycle bin for good.
    pub fn purged(self) -> Self {
        self.world
            .write(|tx, context| deleted_items::purge(tx, context, self.id));
        self
    }

    pub fn assigned(self) -> Self {
        let (resource, role) = (self.world.resource(), self.world.role());
        self.world.write(|tx, context| {
            app_role_assignments::assign(tx, context, resource, self.id, role)
        });
        self
    }

    pub fn unassigned(self) -> Self {
        self.world.unassign(self.id);
        self
    }

    /// Writes past the directory's rules.
    pub fn overwrite(self, change: impl FnOnce(&mut Entry)) -> Self {
        let tenant = self.world.contoso.id;
        self.world.write(|tx, _| {
            let mut stored = tx.objects(tenant, EntityKind::User, &[self.id])?;
            let mut entry = stored.pop().unwrap().entry;
            change(&mut entry);
            Ok(tx.update_objects(tenant, &[entry])?)
        });
        self
    }

    /// What Fabrikam has of this person; `None` when there is nobody, in the recycle bin either.
    pub fn in_target(self) -> Option<super::Guest> {
        self.world.guest_of(self.id)
    }
}
