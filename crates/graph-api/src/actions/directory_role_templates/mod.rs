//! `/directoryRoleTemplates`: what directory roles are made from.

pub mod get;
pub mod list;
mod table;
