//! Which service principals of an application are in the recycle bin: one document each, so that nobody
//! has to look through the whole bin.

use serde::{Deserialize, Serialize};
use syncline_model::{AppId, Attr, EntityKind, ObjectId, TenantId};
use syncline_store::{Document, ObjectState, Reader, Result, Stored, Tx};

const AT_ONCE: usize = 500;

#[derive(Debug, Serialize, Deserialize)]
struct Recycled {
    service_principal: ObjectId,
}

/// Key: `{app id}/{object id}`.
impl Document for Recycled {
    const KIND: &'static str = "recycled_service_principal";
}

/// A service principal goes into the recycle bin, or comes out of it.
pub(crate) fn follow_state(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    object: &Stored,
    state: ObjectState,
) -> Result<()> {
    let entry = &object.entry;
    if entry.kind != EntityKind::ServicePrincipal {
        return Ok(());
    }
    let Some(app_id) = entry.guid(Attr::APP_ID) else {
        return Ok(());
    };
    let key = format!("{}{}", prefix(AppId(app_id)), entry.id);
    if state == ObjectState::Deleted {
        let service_principal = entry.id;
        tx.put_document(Some(tenant), &key, &Recycled { service_principal }, None)
    } else {
        tx.delete_document::<Recycled>(Some(tenant), &key).map(drop)
    }
}

/// The service principals that an application had, as far as the recycle bin keeps them.
pub fn recycled(reader: &Reader<'_>, tenant: TenantId, app_id: AppId) -> Result<Vec<ObjectId>> {
    let prefix = prefix(app_id);
    let mut found = Vec::new();
    let mut after = prefix.clone();
    loop {
        let page = reader.documents::<Recycled>(Some(tenant), &after, AT_ONCE)?;
        let is_last = page.len() < AT_ONCE;
        for (key, it) in page {
            if !key.starts_with(&prefix) {
                return Ok(found);
            }
            found.push(it.service_principal);
            after = key;
        }
        if is_last {
            return Ok(found);
        }
    }
}

fn prefix(app_id: AppId) -> String {
    format!("{app_id}/")
}
