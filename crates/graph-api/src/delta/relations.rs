//! `manager@delta` and `members@delta`.

use serde_json::{Value as Json, json};
use syncline_model::{ObjectId, Problem, TenantId};
use syncline_store::{Reader, Stored};

use crate::actions::cast::PRINCIPALS;
use crate::list::rows;
use crate::wire::entity_out::{Object, odata_type};

/// `None`: the manager was removed, and it is no longer known who that was.
pub(super) fn add_manager(
    reader: &Reader<'_>,
    tenant: TenantId,
    object: &mut Object<'_>,
    manager: Option<ObjectId>,
) -> Result<(), Problem> {
    let mut items = Vec::new();
    if let Some(manager) = manager {
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
    for id in removed {
        // Whatever became of the object: its row stays as long as readers of changes may need it.
        let kind = reader
            .object(tenant, *id)?
            .map(|it| odata_type(it.entry.kind));
        items.push(json!({ "@odata.type": kind, "id": id.to_string(), "@removed": { "reason": "deleted" } }));
    }
    object.insert("members@delta", items);
    Ok(())
}

fn present(stored: &Stored) -> Json {
    json!({ "@odata.type": odata_type(stored.entry.kind), "id": stored.entry.id.to_string() })
}
