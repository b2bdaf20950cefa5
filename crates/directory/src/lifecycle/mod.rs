//! The life of a directory object: live, in the recycle bin for 30 days, gone for good.

mod purge;
mod restore;
mod soft_delete;

pub use purge::EDGES_AT_ONCE;
pub(crate) use purge::{begin_purge, detach_some, forget, purge};
pub(crate) use restore::restore;
pub(crate) use soft_delete::soft_delete;

/// How long the recycle bin keeps an object, unless the operator says otherwise.
pub const RETENTION_DAYS: u32 = 30;
