//! Creates hosted tenants with what every tenant has from the first day, finds that again, and changes what tenants are
//! called and by which domains they are found.

mod add_domain;
mod administration;
mod change;
mod create;
mod domain_use;
mod domains;
mod graph;
mod remove_domain;
mod rename;
mod well_known;

pub use add_domain::add_domain;
pub use administration::{administration, create_administration};
pub use create::{CreatedTenant, NewTenant, create};
pub use graph::{add_permissions, lacks_permissions};
pub use remove_domain::{UnusedDomain, remove_domain};
pub use rename::rename;

pub(crate) use graph::of_public_client;
