//! The recycle bin.

mod find;
pub mod left_behind;
mod list;
mod purge;
mod rehearsal;
mod restore;

pub use crate::lifecycle::{EDGES_AT_ONCE, RETENTION_DAYS};
pub use find::find;
pub use list::list;
pub(crate) use purge::being_purged;
pub use purge::{Purged, Slice, has_expired, purge, purge_expired};
pub use rehearsal::Rehearsal;
pub use restore::{Restoration, restore};
