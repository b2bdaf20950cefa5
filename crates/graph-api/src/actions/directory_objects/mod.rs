//! `/directoryObjects`: any kind of object by id.

pub mod get;
pub mod get_available_extension_properties;
pub mod get_by_ids;
