//! `/oauth2PermissionGrants`: which delegated permissions a client may use.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
mod table;
pub mod update;
