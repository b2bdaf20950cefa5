//! The groups of Contoso.

use syncline_directory::app_role_assignments;
use syncline_directory::groups::{self, NewGroup};
use syncline_model::{Attr, Attrs, ObjectId};

use super::{Person, World, id_of};

/// A security group of Contoso.
#[derive(Clone, Copy)]
pub struct Group<'w> {
    world: &'w World,
    pub id: ObjectId,
}

impl World {
    /// The group of that name, made on first mention.
    pub fn group(&self, name: &str) -> Group<'_> {
        if let Some(id) = self.groups.lock().unwrap().get(name) {
            return Group {
                world: self,
                id: *id,
            };
        }
        let new = NewGroup {
            attrs: Attrs::new()
                .with(Attr::DISPLAY_NAME, name)
                .with(Attr::MAIL_NICKNAME, name.to_lowercase())
                .with(Attr::MAIL_ENABLED, false)
                .with(Attr::SECURITY_ENABLED, true),
            ..NewGroup::default()
        };
        let id = id_of(&self.write(|tx, context| groups::create(tx, context, new)));
        self.groups.lock().unwrap().insert(name.to_owned(), id);
        Group { world: self, id }
    }

    /// Takes all roles of the configuration from somebody or a group.
    pub(super) fn unassign(&self, principal: ObjectId) {
        let resource = self.resource();
        self.write(|tx, context| {
            let held = tx.assignments_between(context.tenant_id(), resource, &[principal])?;
            assert!(!held.is_empty(), "nothing to take away");
            held.iter()
                .try_for_each(|it| app_role_assignments::unassign(tx, context, it))
        });
    }
}

impl Group<'_> {
    pub fn with(self, people: &[Person<'_>]) -> Self {
        let members: Vec<ObjectId> = people.iter().map(|person| person.id).collect();
        self.world
            .write(|tx, context| groups::add_members(tx, context, self.id, &members));
        self
    }

    pub fn without(self, person: Person<'_>) -> Self {
        self.world
            .write(|tx, context| groups::remove_member(tx, context, self.id, person.id));
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

    pub fn deleted(self) -> Self {
        self.world
            .write(|tx, context| groups::delete(tx, context, self.id));
        self
    }
}
