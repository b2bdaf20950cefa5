//! App role assignments: which user, group or service principal holds which role of a service
//! principal.

mod assign;
mod find;
mod id;
mod list;
mod unassign;
mod user_role;

pub use assign::{DEFAULT_ACCESS, MOST_OF_PRINCIPAL, assign, assign_many};
pub use find::find;
pub use id::{id_text, parse_id};
pub use list::{of_principal, of_resource};
pub use unassign::{unassign, unassign_many};
pub use user_role::user_role;

pub(crate) use assign::PRINCIPAL_KINDS;
