//! `/directoryObjects`: any kind of object by id.

pub mod get;
pub mod get_by_ids;
