//! `/organization`: the tenant itself.

pub mod get;
pub mod list;
mod table;
