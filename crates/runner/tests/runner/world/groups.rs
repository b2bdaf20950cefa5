//! The groups of Contoso.

use syncline_directory::app_role_assignments;
use syncline_directory::deleted_items::{self, Restoration};
use syncline_directory::groups::{self, NewGroup};
use syncline_model::{Attr, Attrs, ObjectId};
use syncline_store::{EdgeKind, StoreError};

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

    /// So many groups, named `<prefix>0` and so on, which nobody has to wait for.
    pub fn many_groups(&self, prefix: &str, count: usize) {
        self.write(|tx, context| {
            for number in 0..count {
                let name = format!("{prefix}{number}");
                let attrs = Attrs::new()
                    .with(Attr::DISPLAY_NAME, name.clone())
                    .with(Attr::MAIL_NICKNAME, name)
                    .with(Attr::MAIL_ENABLED, false)
                    .with(Attr::SECURITY_ENABLED, true);
                let new = NewGroup {
                    attrs,
                    ..NewGroup::default()
                };
                groups::create(tx, context, new)?;
            }
            Ok(())
        });
    }

    /// Contoso sends its groups, whether Fabrikam lets them in or not.
    pub fn contoso_sends_groups(&self) {
        self.change_schema(|schema| {
            for mapping in &mut schema.synchronization_rules[0].object_mappings {
                mapping.enabled = true;
            }
        });
    }

    /// Fabrikam lets groups in, and Contoso sends them, members and all.
    pub fn groups_flow(&self) {
        self.fabrikam_lets_groups_in(true);
        self.contoso_sends_groups();
    }

    pub fn fabrikam_lets_groups_in(&self, allowed: bool) {
        self.fabrikam_policy(|partner| {
            let sync = partner.identity_synchronization.as_mut().unwrap();
            sync.group_sync_allowed = Some(allowed);
        });
    }

    /// Fabrikam's object of one of Contoso, by the job's link.
    pub fn linked(&self, source: ObjectId) -> Option<ObjectId> {
        let links = self
            .store
            .read(|reader| reader.links_for(self.contoso.id, &self.job, &[source]))
            .unwrap();
        Some(links[0].as_ref()?.target)
    }

    /// Names of the members that the group has in Fabrikam, sorted; whoever does not come from Contoso
    /// is called by id.
    pub fn members_in_fabrikam(&self, group: &str) -> Vec<String> {
        let group = self.linked(self.group(group).id).unwrap();
        let (members, links) = self
            .store
            .read(|reader| {
                let tenant = self.fabrikam.id;
                let members = reader.edges_from(tenant, EdgeKind::Member, group, None, 100_000)?;
                let links = reader.links_to(self.contoso.id, &self.job, &members)?;
                Ok::<_, StoreError>((members, links))
            })
            .unwrap();
        let named = |source: ObjectId| self.name_in_contoso(source);
        let mut names: Vec<String> = members
            .iter()
            .zip(links)
            .map(|(id, link)| link.map_or_else(|| id.to_string(), |link| named(link.source)))
            .collect();
        names.sort();
        names
    }

    /// The name of a person or a group of Contoso.
    pub fn name_in_contoso(&self, id: ObjectId) -> String {
        let groups = self.groups.lock().unwrap();
        let group = groups.iter().find(|(_, it)| **it == id);
        group.map_or_else(|| self.name_of(id), |(name, _)| name.clone())
    }

    /// What an administrator of Fabrikam does by hand.
    pub fn fabrikam_adds_member(&self, group: ObjectId, member: ObjectId) {
        self.write_in(&self.fabrikam, |tx, context| {
            groups::add_members(tx, context, group, &[member])
        });
    }

    pub fn fabrikam_removes_member(&self, group: ObjectId, member: ObjectId) {
        self.write_in(&self.fabrikam, |tx, context| {
            groups::remove_member(tx, context, group, member)
        });
    }

    pub fn fabrikam_deletes_group(&self, group: ObjectId) {
        self.write_in(&self.fabrikam, |tx, context| {
            groups::delete(tx, context, group)
        });
    }

    pub fn fabrikam_restores(&self, object: ObjectId) {
        self.write_in(&self.fabrikam, |tx, context| {
            deleted_items::restore(tx, context, object, Restoration::default())
        });
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

    pub fn with_group(self, other: Group<'_>) -> Self {
        self.world
            .write(|tx, context| groups::add_members(tx, context, self.id, &[other.id]));
        self
    }

    pub fn without(self, person: Person<'_>) -> Self {
        self.world
            .write(|tx, context| groups::remove_member(tx, context, self.id, person.id));
        self
    }

    pub fn without_group(self, other: Group<'_>) -> Self {
        self.world
            .write(|tx, context| groups::remove_member(tx, context, self.id, other.id));
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

    pub fn described(self, description: &str) -> Self {
        let changes = [(Attr::DESCRIPTION, Some(description.into()))];
        self.world
            .write(|tx, context| groups::update(tx, context, self.id, &changes));
        self
    }

    /// Out of the recycle bin for good.
    pub fn purged(self) -> Self {
        self.world
            .write(|tx, context| deleted_items::purge(tx, context, self.id));
        self
    }

    pub fn restored(self) -> Self {
        self.world.write(|tx, context| {
            deleted_items::restore(tx, context, self.id, Restoration::default())
        });
        self
    }

    pub fn deleted(self) -> Self {
        self.world
            .write(|tx, context| groups::delete(tx, context, self.id));
        self
    }
}
