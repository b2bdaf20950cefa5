//! Lists the recycle bin.

use syncline_model::{EntityKind, ObjectId, Problem, TenantId};
use syncline_store::{Reader, Stored};

use super::find::as_shown;

/// A page of the soft-deleted objects of one kind, by id, after `after`.
pub fn list(
    reader: &Reader<'_>,
    tenant: TenantId,
    kind: EntityKind,
    after: Option<ObjectId>,
    limit: usize,
) -> Result<Vec<Stored>, Problem> {
    let page = reader.recycled(tenant, kind, after, limit)?;
    Ok(page.into_iter().map(as_shown).collect())
}
