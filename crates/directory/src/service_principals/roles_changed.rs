//! When the app roles of a service principal have changed: whoever holds one may be called otherwise since, in mappings
//! and scopes. Whatever else changes of it concerns nobody.

use serde::{Deserialize, Serialize};
use syncline_model::{Attr, ObjectId, Problem, TenantId};
use syncline_store::{Document, ObjectState, Reader, Result, Stored, Tx, object_documents};

use crate::Context;

/// The last change of the tenant that may have been one of its app roles. Of each service principal that was changed,
/// key: its id.
#[derive(Debug, Serialize, Deserialize)]
struct RolesChanged {
    sequence: u64,
}

impl Document for RolesChanged {
    const KIND: &'static str = object_documents::ROLES_CHANGED;
}

/// Notes a change of a service principal. Of those before the first one that is noted nobody knows what they changed: the
/// last of them may have changed its app roles.
pub(crate) fn note(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    before: &Stored,
    after: &Stored,
) -> std::result::Result<(), Problem> {
    let tenant = context.tenant_id();
    let key = before.entry.id.to_string();
    if after.state == ObjectState::Purged {
        tx.delete_document::<RolesChanged>(Some(tenant), &key)?;
        return Ok(());
    }
    let roles = |it: &Stored| it.entry.get(Attr::APP_ROLES).cloned();
    let sequence = if roles(before) != roles(after) {
        after.changed_seq
    } else if tx.document::<RolesChanged>(Some(tenant), &key)?.is_none() {
        before.changed_seq
    } else {
        return Ok(());
    };
    tx.put_document(Some(tenant), &key, &RolesChanged { sequence }, None)?;
    Ok(())
}

/// Whether its app roles may have changed behind this change of the tenant.
pub(crate) fn may_have_changed(
    reader: &Reader<'_>,
    tenant: TenantId,
    id: ObjectId,
    since: u64,
) -> Result<bool> {
    let noted: Option<RolesChanged> = reader.document(Some(tenant), &id.to_string())?;
    Ok(noted.is_none_or(|it| it.sequence > since))
}
