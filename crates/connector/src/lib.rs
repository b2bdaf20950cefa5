//! The contract between the runner and the systems it reads from and writes to.
//!
//! A [`Source`] hands out subjects a page at a time, a [`Target`] answers a page's look-ups and
//! carries out a page's operations. Hosted tenants read and write inside the page's transaction;
//! connectors of external systems ignore it.
//!
//! [`suite`] is the contract as tests, which every connector passes; [`memory`] is the smallest
//! connector that does.

mod connectors;
mod memberships;
pub mod memory;
mod source;
pub mod suite;
mod target;

pub use connectors::{Connected, Connectors};
pub use memberships::{Held, Membership, MembershipChanges, SourceMemberships, TargetMemberships};
pub use source::{Cursor, Names, Referrer, Source, SourceCapability, SubjectPage};
pub use target::{Discovered, Draft, Refused, Target, TargetCapability};
