//! Creates hosted tenants with what every tenant has from the first day, and finds that again.

mod administration;
mod create;
mod domains;
mod graph;
mod well_known;

pub use administration::{administration, create_administration};
pub use create::{CreatedTenant, NewTenant, create};
pub use graph::{add_permissions, lacks_permissions};

pub(crate) use graph::of_public_client;
