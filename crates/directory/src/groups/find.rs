//! Finds one group by id.

use syncline_model::{EntityKind, ObjectId, Problem, TenantId};
use syncline_store::{Reader, Stored};

use crate::load;

/// The live group with this id; 404 otherwise.
pub fn find(reader: &Reader<'_>, tenant: TenantId, key: &str) -> Result<Stored, Problem> {
    let id: ObjectId = key.parse().map_err(|_| Problem::not_found(key))?;
    load::live(reader, tenant, EntityKind::Group, id)
}
