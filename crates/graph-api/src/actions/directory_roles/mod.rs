//! `/directoryRoles`: the built-in roles that are active.

pub mod activate;
mod expanded;
pub mod get;
pub mod list;
pub mod members;
pub(in crate::actions) mod table;
