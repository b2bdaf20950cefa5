//! `/groups`

pub mod create;
pub mod delete;
pub mod delta;
pub mod get;
pub mod list;
pub mod members;
pub mod role_assignable;
pub mod transitive_members;
pub mod update;
