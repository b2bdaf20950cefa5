//! `/directoryRoles`: the built-in roles that somebody holds.

pub mod get;
pub mod list;
pub mod members;
pub(in crate::actions) mod table;
