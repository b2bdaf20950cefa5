//! A hosted tenant's rules: uniqueness, references, soft delete, delta, B2B users; and the local
//! source and target.
//!
//! One module per Graph resource ([`users`], [`groups`], [`applications`], [`service_principals`],
//! [`app_role_assignments`], [`extension_properties`], [`deleted_items`]) with one file per action; [`tenants`] and [`policy`]
//! beside them. Reading functions take a [`syncline_store::Reader`] and a tenant id, writing
//! functions a [`syncline_store::Tx`] and a [`Context`]. [`LocalSource`] and [`LocalTarget`] are
//! the same directory seen by a synchronization job.
//!
//! Deliberately absent: who may do what (`access`), passwords and secrets (`access`), JSON and
//! which property a client may write (`graph-api`), SQL (`store`).

pub mod app_role_assignments;
pub mod applications;
pub mod deleted_items;
pub mod delta;
pub mod extension_properties;
pub mod groups;
pub mod integrity;
pub mod policy;
pub mod restored;
pub mod service_principals;
pub mod source;
pub mod target;
pub mod tenants;
pub mod tombstones;
pub mod users;

mod addresses;
mod context;
mod edges;
mod edit;
mod identifiers;
mod lifecycle;
mod load;
mod local_connectors;
mod owners;
mod unique;
mod values;

pub use context::Context;
pub use local_connectors::LocalConnectors;
pub use source::LocalSource;
pub use target::LocalTarget;
pub use unique::addresses_of;
