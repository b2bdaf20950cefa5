//! `/servicePrincipals`

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
mod of_application;
pub mod update;
