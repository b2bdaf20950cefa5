//! Directory extensions: properties that a tenant registers on an application and sets on its users,
//! groups and applications.

mod create;
mod delete;
mod find;
mod follow;

pub use create::{NewExtension, create};
pub use delete::delete;
pub use find::{available, find, list};
pub(crate) use follow::{follow_purge, follow_state};
