//! The nouns every other crate speaks in: typed ids, [`Value`], [`Entry`], the entity table
//! ([`Schema`]), [`Predicate`] and [`Query`], [`Job`], [`Link`], [`Problem`], and the [`Clock`] and
//! [`Ids`] seams through which time and randomness enter.
//!
//! Deliberately absent: input and output, SQL, HTTP, JSON shapes of the wire, logging, randomness (but
//! for the seeds of hash tables).

pub mod attr;
pub mod b2b;
pub mod clock;
pub mod coded;
pub mod duration;
pub mod entry;
pub mod fold;
pub mod graph_permission;
pub mod hash;
pub mod ids;
pub mod job;
pub mod link;
pub mod meter;
pub mod policy;
pub mod predicate;
pub mod problem;
pub mod query;
pub mod redirect_uri;
pub mod reset_scope;
pub mod role_assignable;
pub mod same_value;
pub mod schema;
pub mod sign_in_end;
pub mod synchronized_group;
pub mod text;
pub mod timestamp;
pub mod value;
pub mod well_known;

pub use attr::Attr;
pub use clock::{Clock, Ids};
pub use entry::{Attrs, Entry};
pub use hash::{IdMap, IdSet, id_map, id_set};
pub use ids::{AppId, CycleId, JobId, ObjectId, RequestId, TenantId};
pub use job::Job;
pub use link::Link;
pub use meter::Meter;
pub use predicate::Predicate;
pub use problem::{Problem, ProblemKind};
pub use query::Query;
pub use reset_scope::ResetScope;
pub use role_assignable::is_role_assignable;
pub use schema::{EntityKind, EntityType, Property, PropertyType, Schema};
pub use text::Text;
pub use timestamp::Timestamp;
pub use value::Value;
