//! `/applicationTemplates`: the gallery.

pub mod get;
pub mod instantiate;
pub mod list;
mod table;
