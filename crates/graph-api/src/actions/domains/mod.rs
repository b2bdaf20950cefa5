//! `/domains`: the tenant's verified domains.

pub mod get;
pub mod list;
mod table;
