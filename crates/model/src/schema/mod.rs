//! The entity table: what may be inside each kind of object. JSON in and out, `$select`,
//! `$filter`, scoping, expression types, schema discovery, redaction and the docs read it.
//!
//! A [`Schema`] is a static core ([`Schema::core`]) plus a per-tenant overlay (directory
//! extensions), and is passed around as `&Schema`.

mod application;
mod assignment;
pub mod complex;
mod directory_role;
pub mod extension;
mod group;
mod property;
mod provisioning_event;
mod service_principal;
pub mod size;
mod user;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};

pub use extension::{ExtensionProperty, ExtensionTarget, ExtensionType, Extensions};
pub use property::{Filter, Mutability, Property, PropertyType};

use crate::Attr;

/// The kinds of things the entity table describes. Numbers are stored: never renumber.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum EntityKind {
    User = 1,
    Group = 2,
    Application = 3,
    ServicePrincipal = 4,
    /// Not a directory object: one row of the provisioning log, as `$filter` sees it.
    ProvisioningEvent = 20,
    /// Not a directory object in our store: an app role assignment, as `$filter` sees it.
    AppRoleAssignment = 21,
    /// Not a directory object in our store: a built-in directory role, as lists of memberships show it.
    DirectoryRole = 22,
}

impl EntityKind {
    /// The kinds that live in the directory's object table.
    pub const DIRECTORY: [Self; 4] = [
        Self::User,
        Self::Group,
        Self::Application,
        Self::ServicePrincipal,
    ];

    pub fn from_number(number: u8) -> Option<Self> {
        [
            Self::User,
            Self::Group,
            Self::Application,
            Self::ServicePrincipal,
            Self::ProvisioningEvent,
            Self::AppRoleAssignment,
            Self::DirectoryRole,
        ]
        .into_iter()
        .find(|kind| *kind as u8 == number)
    }

    /// Graph's type name without namespace: `user`, `servicePrincipal`, …
    pub fn graph_name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Application => "application",
            Self::ServicePrincipal => "servicePrincipal",
            Self::ProvisioningEvent => "provisioningObjectSummary",
            Self::AppRoleAssignment => "appRoleAssignment",
            Self::DirectoryRole => "directoryRole",
        }
    }

    /// The engine's type name: `User`, `Group`, … (logs, on-demand subjects, schemas).
    pub fn engine_name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
            Self::Application => "Application",
            Self::ServicePrincipal => "ServicePrincipal",
            Self::ProvisioningEvent => "ProvisioningEvent",
            Self::AppRoleAssignment => "AppRoleAssignment",
            Self::DirectoryRole => "DirectoryRole",
        }
    }
}

/// The properties of one kind of object.
#[derive(Debug)]
pub struct EntityType {
    pub kind: EntityKind,
    properties: Vec<Property>,
    /// In order of attribute: asked for every value of every object.
    by_attr: Vec<(Attr, usize)>,
    by_folded_name: HashMap<String, usize>,
    by_engine_name: HashMap<String, usize>,
}

impl EntityType {
    /// Builds the table and its indexes.
    pub fn new(kind: EntityKind, properties: Vec<Property>) -> Self {
        let mut by_attr = Vec::with_capacity(properties.len());
        let mut by_folded_name = HashMap::new();
        let mut by_engine_name = HashMap::new();
        for (at, property) in properties.iter().enumerate() {
            by_attr.push((property.attr, at));
            if property.visible {
                by_folded_name.insert(property.name.to_ascii_lowercase(), at);
            }
            if let Some(name) = &property.engine_name {
                by_engine_name.insert(name.clone().into_owned(), at);
            }
        }
        by_attr.sort_unstable();
        Self {
            kind,
            properties,
            by_attr,
            by_folded_name,
            by_engine_name,
        }
    }

    /// All properties in the order of the table.
    pub fn properties(&self) -> &[Property] {
        &self.properties
    }

    /// The property that holds `attr`.
    pub fn property(&self, attr: Attr) -> Option<&Property> {
        let found = self.by_attr.binary_search_by_key(&attr, |(key, _)| *key);
        found.ok().map(|at| &self.properties[self.by_attr[at].1])
    }

    /// The Graph property of this name, in any case, as Graph matches names. Properties known to
    /// the engine only are not found.
    pub fn by_name(&self, name: &str) -> Option<&Property> {
        self.by_folded_name
            .get(&name.to_ascii_lowercase())
            .map(|at| &self.properties[*at])
    }

    /// The property the mapping engine calls `name` (legacy names such as `mobile`,
    /// `telephoneNumber`; exact case: Entra kept them).
    pub fn by_engine_name(&self, name: &str) -> Option<&Property> {
        self.by_engine_name
            .get(name)
            .map(|at| &self.properties[*at])
    }
}

/// The whole entity table.
#[derive(Debug)]
pub struct Schema {
    types: Vec<EntityType>,
    /// The numbers of the tenant's extensions, suspended ones too, in ascending order.
    extensions: Vec<Attr>,
}

static CORE: LazyLock<Arc<Schema>> = LazyLock::new(|| {
    Arc::new(Schema {
        types: vec![
            EntityType::new(EntityKind::User, user::properties()),
            EntityType::new(EntityKind::Group, group::properties()),
            EntityType::new(EntityKind::Application, application::properties()),
            EntityType::new(
                EntityKind::ServicePrincipal,
                service_principal::properties(),
            ),
            EntityType::new(
                EntityKind::ProvisioningEvent,
                provisioning_event::properties(),
            ),
            EntityType::new(EntityKind::AppRoleAssignment, assignment::properties()),
            EntityType::new(EntityKind::DirectoryRole, directory_role::properties()),
        ],
        extensions: Vec::new(),
    })
});

impl Schema {
    /// The static core table, without any tenant's overlay.
    pub fn core() -> &'static Self {
        &CORE
    }

    /// The same for those who share a schema that may be a tenant's.
    pub fn shared_core() -> Arc<Self> {
        Arc::clone(&CORE)
    }

    /// Whether there is nothing beyond the core table.
    pub fn is_core(&self) -> bool {
        self.extensions.is_empty()
    }

    /// Whether a value that an object holds belongs to an extension that was deleted: it is never
    /// shown again, and goes away when the object is next written.
    pub fn forgot(&self, attr: Attr) -> bool {
        attr.is_extension() && self.extensions.binary_search(&attr).is_err()
    }

    /// The properties of `kind`.
    pub fn of(&self, kind: EntityKind) -> &EntityType {
        // Every kind is in the table: `CORE` lists them all, and a test walks the enum.
        match self.types.iter().find(|it| it.kind == kind) {
            Some(it) => it,
            None => &self.types[0],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_table() {
        for number in 0..=u8::MAX {
            if let Some(kind) = EntityKind::from_number(number) {
                assert_eq!(Schema::core().of(kind).kind, kind);
            }
        }
    }

    #[test]
    fn every_property_has_a_doc_and_its_attribute_name() {
        for entity in &Schema::core().types {
            for property in entity.properties() {
                assert!(!property.doc.is_empty(), "{} has no doc", property.name);
                assert_eq!(
                    property.attr.core_name(),
                    Some(&*property.name),
                    "{}",
                    property.name
                );
            }
        }
    }
}
