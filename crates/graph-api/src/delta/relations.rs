//! `manager@delta` and `members@delta`.

use serde_json::{Value as Json, json};
use syncline_model::{EntityKind, ObjectId, Problem, TenantId};
use syncline_store::{ObjectState, Reader, Stored};

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
        items.extend(present(reader, tenant, &[manager])?);
    }
    object.insert("manager@delta", items);
    Ok(())
}

pub(super) fn add_members(object: &mut Object<'_>, members: &[Stored]) {
    if !members.is_empty() {
        let item = |member: &Stored| json_of(member.entry.kind, member.entry.id);
        let items: Vec<Json> = members.iter().map(item).collect();
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
    let mut items = present(reader, tenant, added)?;
    items.extend(gone(reader, tenant, removed)?);
    object.insert("members@delta", items);
    Ok(())
}

/// Those that are live, in order of id.
fn present(reader: &Reader<'_>, tenant: TenantId, ids: &[ObjectId]) -> Result<Vec<Json>, Problem> {
    let found = rows::peek(reader, tenant, ids, &PRINCIPALS, [])?;
    let live = found.values().filter(|it| it.state == ObjectState::Live);
    Ok(live.map(|it| json_of(it.kind, it.id)).collect())
}

/// Whatever became of the objects: their rows stay as long as readers of changes may need them.
fn gone(reader: &Reader<'_>, tenant: TenantId, ids: &[ObjectId]) -> Result<Vec<Json>, Problem> {
    let found = rows::peek(reader, tenant, ids, &EntityKind::DIRECTORY, [])?;
    let item = |id: &ObjectId| {
        let kind = found.get(id).map(|it| odata_type(it.kind));
        json!({ "@odata.type": kind, "id": id.to_string(), "@removed": { "reason": "deleted" } })
    };
    Ok(ids.iter().map(item).collect())
}

fn json_of(kind: EntityKind, id: ObjectId) -> Json {
    json!({ "@odata.type": odata_type(kind), "id": id.to_string() })
}
