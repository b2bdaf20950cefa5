//! `/directory`

pub mod deleted_items;
