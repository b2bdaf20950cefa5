//! Applications and the template of configurations.

mod create;
mod delete;
mod find;
mod instantiate;
mod owners;
mod redirect_uris;
mod shapes;
mod templates;
mod update;

pub use create::create;
pub use delete::delete;
pub use find::{find, find_by_app_id};
pub use instantiate::instantiate;
pub use owners::{add_owners, owners, remove_owner};
pub use templates::{CROSS_TENANT_SYNCHRONIZATION, Template, template, templates};
pub use update::update;

pub(crate) use create::check_app_roles;
pub(crate) use redirect_uris::check as check_redirect_uris;
pub(crate) use shapes::{app_role, permission_scope, role_id, texts};
