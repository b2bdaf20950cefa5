//! `/applications/{id}/extensionProperties`: the directory extensions registered on an application.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub(crate) mod table;
