//! `/directory/deletedItems`: the recycle bin.

pub mod get;
pub mod list;
mod permission;
pub mod purge;
pub mod restore;
