//! `/applications`

pub mod create;
pub mod delete;
pub mod extension_properties;
pub mod get;
pub mod list;
pub mod update;
