//! Finds one object in the recycle bin.

use syncline_model::{Attr, EntityKind, ObjectId, Problem, TenantId};
use syncline_store::{ObjectState, Reader, Stored};

/// The soft-deleted object with this id, of whatever kind, as the recycle bin shows it; 404
/// otherwise.
pub fn find(reader: &Reader<'_>, tenant: TenantId, id: ObjectId) -> Result<Stored, Problem> {
    recycled(reader, tenant, id).map(as_shown)
}

/// The soft-deleted object with this id as it was.
pub(super) fn recycled(
    reader: &Reader<'_>,
    tenant: TenantId,
    id: ObjectId,
) -> Result<Stored, Problem> {
    let found = reader.object(tenant, id)?;
    found
        .filter(|it| it.state == ObjectState::Deleted && !it.is_being_purged())
        .ok_or_else(|| Problem::not_found(id))
}

/// Graph shows a soft-deleted user under a name that tells him from the one who may have the name
/// now: the id without dashes, then the former userPrincipalName.
pub(super) fn as_shown(mut stored: Stored) -> Stored {
    if stored.entry.kind == EntityKind::User
        && let Some(name) = stored.entry.text(Attr::USER_PRINCIPAL_NAME)
    {
        let shown = format!("{}{name}", stored.entry.id.simple());
        stored.entry.attrs.set(Attr::USER_PRINCIPAL_NAME, shown);
    }
    stored
}
