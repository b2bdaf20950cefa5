//! Users.

mod create;
mod delete;
mod direct_reports;
mod find;
mod identities;
mod manager;
mod member_of;
mod update;

pub use create::{NewUser, check, create, create_many};
pub use delete::delete;
pub use direct_reports::direct_reports;
pub use find::find;
pub use manager::{manager, remove_manager, set_manager, set_managers};
pub use member_of::member_of;
pub use update::{check_update, update};

pub(crate) use identities::{external as external_identities, follow_user_principal_name};
