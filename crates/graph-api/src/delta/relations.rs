//! `manager@delta` and `members@delta`.

use serde_json::{Value as Json, json};
use syncline_model::{ObjectId, Problem, TenantId};
use syncline_store::{Reader, Stored};

use crate::actions::cast::PRINCIPALS;
use crate::list::rows;
use crate::wire::entity_out::{Object, odata_type};

/// Removals come first: who keeps one manager, and applies this in order, ends with the new one.
pub(super) fn add_manager(
    reader: &Reader<'_>,
    tenant: TenantId,
    object: &mut Object<'_>,
    added: Option<ObjectId>,
    removed: &[ObjectId],
) -> Result<(), Problem> {
    let mut items = gone(reader, tenant, removed)?;
    if let Some(manager) = added {
        items.extend(
            rows::live(reader, tenant, &[manager], &PRINCIPALS)?
                .iter()
                .map(present),
        );
    }
    object.insert("manager@delta", items);
    Ok(())
}

pub(super) fn add_members(object: &mut Object<'_>, members: &[Stored]) {
    if !members.is_empty() {
        let items: Vec<Json> = members.iter().map(present).collect();
        object.insert("members@delta", items);
    }
}

pub(super) fn add_member_changes(
    reader: &Reader<'_>,
    tenant: TenantId,
    object: &mut Object<'_>,
    added: &[ObjectId],
    removed: &[ObjectId],
) -> Result<(), Problem> {
    let mut items: Vec<Json> = rows::live(reader, tenant, added, &PRINCIPALS)?
        .iter()
        .map(present)
        .collect();
    items.extend(gone(reader, tenant, removed)?);
    object.insert("members@delta", items);
    Ok(())
}

/// Whatever became of the objects: their rows stay as long as readers of changes may need them.
fn gone(reader: &Reader<'_>, tenant: TenantId, ids: &[ObjectId]) -> Result<Vec<Json>, Problem> {
    let item = |id: &ObjectId| {
        let kind = reader
            .object(tenant, *id)?
            .map(|it| odata_type(it.entry.kind));
        Ok(
            json!({ "@odata.type": kind, "id": id.to_string(), "@removed": { "reason": "deleted" } }),
        )
    };
    ids.iter().map(item).collect()
}

fn present(stored: &Stored) -> Json {
    json!({ "@odata.type": odata_type(stored.entry.kind), "id": stored.entry.id.to_string() })
}
