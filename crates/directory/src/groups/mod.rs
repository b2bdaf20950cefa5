//! Groups.

mod create;
mod delete;
mod find;
mod kinds;
mod members;
mod owners;
mod update;

pub use create::{NewGroup, create};
pub use delete::delete;
pub use find::find;
pub use members::{add_members, members, remove_member, remove_members};
pub use owners::{add_owners, owners, remove_owner};
pub use update::update;
