//! The only crate that knows the SQL of our own tables.
//!
//! [`Store`] opens the database; [`Store::read`] gives a [`Reader`] (one consistent snapshot),
//! [`Store::write`] a [`Tx`] (one transaction, committed when the closure succeeds, rolled back
//! when it fails). Verbs are sets: `insert_objects(&[…])`, `links_for(&[…])`, `changes_since(…)`.
//! Everything is synchronous; whoever must not block calls from a thread of its own.
//!
//! A tenant id is an argument of every verb that touches a tenant's rows.

mod assignments;
mod attributes;
mod backup;
mod body;
mod changes;
mod counts;
mod documents;
mod driver;
mod edges;
mod error;
mod escrow;
mod evaluated;
mod extensions;
mod figures;
mod integrity;
mod jobs;
mod key_check;
mod keys;
mod leases;
mod links;
mod log;
mod memberships_due;
mod neighbours;
mod objects;
mod peek;
#[cfg(test)]
mod plans;
mod references;
mod referred;
mod restoration;
mod restriction;
mod room;
mod staged;
mod taken_keys;
mod tenants;
mod tombstones;
mod vault;

pub use assignments::{Assignment, AssignmentId};
pub use backup::{Backup, Prepare, Progress, holds_tenants};
pub use changes::{Change, Changed, EdgeChange};
pub use documents::Document;
pub use driver::{ConnectionLimit, Database, Durability, Older, Reader, Store, Tx};
pub use edges::{Edge, EdgeKind};
pub use error::StoreError;
pub use escrow::Escrow;
pub use figures::{Layout, Meter, Sizes, Written};
pub use integrity::{Checked, DocumentPlace, ObjectPlace, RULES, Rule, RulePlace};
pub use keys::{Key, KeyName};
pub use leases::{Lease, NodeId, Part};
pub use log::{LogFilter, LogRow};
pub use memberships_due::{MembershipStage, MembershipsDue};
pub use objects::{Encoded, ObjectState, Stored};
pub use peek::Peeked;
pub use references::WaitingReference;
pub use restriction::Restriction;
pub use staged::Staged;
pub use tenants::{Domain, Tenant};
pub use vault::MasterKey;

/// What every verb returns.
pub type Result<T> = std::result::Result<T, StoreError>;
