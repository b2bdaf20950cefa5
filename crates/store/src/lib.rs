//! The only crate that knows the SQL of our own tables.
//!
//! [`Store`] opens the database; [`Store::read`] gives a [`Reader`] (one consistent snapshot),
//! [`Store::write`] a [`Tx`] (one transaction, committed when the closure succeeds, rolled back
//! when it fails). Verbs are sets: `insert_objects(&[…])`, `links_for(&[…])`, `changes_since(…)`.
//! Everything is synchronous; whoever must not block calls from a thread of its own.
//!
//! A tenant id is an argument of every verb that touches a tenant's rows.
//!
//! The rooms:
//!
//! ```text
//! directory         verbs of a tenant's directory: objects, unique values, references, assignments
//! synchronization   verbs of jobs: links, waiting references, escrow, leases, the log
//! documents.rs      verbs of everything else, which is small
//! restriction       from a predicate to the objects that may satisfy it
//! remembered        what is kept in memory
//! pulse.rs          whether a thread gets on that another one watches over
//! driver            SQLite and PostgreSQL behind one [`Store`]
//! vault             secrets at rest
//! backup, integrity whole databases: copied, restored, looked through for damage
//! ```

mod backup;
mod directory;
mod documents;
mod driver;
mod error;
mod figures;
mod integrity;
#[cfg(test)]
mod plans;
mod pulse;
mod remembered;
mod restriction;
mod synchronization;
mod vault;

pub use backup::{Backup, NewFile, Prepare, Progress, holds_tenants};
pub use directory::assignments::{Assignment, AssignmentId};
pub use directory::changes::{Change, Changed, EdgeChange};
pub use directory::edges::{Edge, EdgeKind};
pub use directory::keys::{Key, KeyName};
pub use directory::leaving::SweptTenant;
pub use directory::moves::Move;
pub use directory::object_documents::{LeftBehind, ObjectDocumentPlace, kinds as object_documents};
pub use directory::objects::peek::Peeked;
pub use directory::objects::{BEING_PURGED, Encoded, ObjectState, Scanned, Stored};
pub use directory::tenants::{Domain, Tenant};
pub use directory::timelines::Numbers;
pub use directory::tombstones::Tombstones;
pub use documents::Document;
pub use driver::{ConnectionLimit, Database, Durability, Older, Reader, Store, Tx};
pub use error::{Refused, StoreError};
pub use figures::{Layout, Meter, Sizes, Written};
pub use integrity::{Checked, DocumentPlace, Held, HeldIn, ObjectPlace, RULES, Rule, RulePlace};
pub use pulse::{Counting, Pulse};
pub use restriction::Restriction;
pub use synchronization::deleted_jobs::SweptJobs;
pub use synchronization::escrow::Escrow;
pub use synchronization::jobs::{JobRow, JobSlice};
pub use synchronization::leases::{Lease, NodeId, Part};
pub use synchronization::links::{LinkCounts, LinkFilter};
pub use synchronization::log::{LogFilter, LogPage, LogRow};
pub use synchronization::log_facts::{LogFacts, PastFacts};
pub use synchronization::memberships_due::{MembershipStage, MembershipsDue};
pub use synchronization::references::WaitingReference;
pub use synchronization::staged::Staged;
pub use vault::MasterKey;
pub use vault::replace::SealedAnew;

/// What every verb returns.
pub type Result<T> = std::result::Result<T, StoreError>;
