//! The life of a directory object: live, in the recycle bin for 30 days, gone for good.

mod purge;
mod restore;
mod soft_delete;

pub(crate) use purge::{detach, detach_some, purge};
pub(crate) use restore::restore;
pub(crate) use soft_delete::soft_delete;

/// How long the recycle bin keeps an object, unless the operator says otherwise.
pub const RETENTION_DAYS: u32 = 30;
