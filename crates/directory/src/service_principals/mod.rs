//! Service principals: what an application is inside one tenant.

mod create;
mod delete;
mod find;
mod follow;
pub(crate) mod followed;
mod names;
mod owners;
pub(crate) mod roles_changed;
mod update;

pub use create::create;
pub use delete::delete;
pub use find::{find, find_by_app_id};
pub use owners::{add_owners, owners, remove_owner};
pub use update::update;

pub(crate) use create::of_application;
pub(crate) use follow::{catch_up, follow_application, follow_restored};
