//! Finds objects by id.

use std::collections::HashMap;

use syncline_model::{EntityKind, ObjectId, Problem, TenantId};
use syncline_store::{ObjectState, Reader, StoreError, Stored};

/// The live object of this kind and id; 404 otherwise, also for ids of another tenant.
pub(crate) fn live(
    reader: &Reader<'_>,
    tenant: TenantId,
    kind: EntityKind,
    id: ObjectId,
) -> Result<Stored, Problem> {
    reader
        .objects(tenant, kind, &[id])?
        .pop()
        .filter(is_live)
        .ok_or_else(|| Problem::not_found(id))
}

/// The live object with this id among several kinds; 404 otherwise.
pub(crate) fn live_among(
    reader: &Reader<'_>,
    tenant: TenantId,
    kinds: &[EntityKind],
    id: ObjectId,
) -> Result<Stored, Problem> {
    for kind in kinds {
        if let Some(stored) = reader.objects(tenant, *kind, &[id])?.pop().filter(is_live) {
            return Ok(stored);
        }
    }
    Err(Problem::not_found(id))
}

/// Of which of several kinds these live objects are, in the order asked; 404 for the first that is none. Only that is
/// read of them.
pub(crate) fn live_kinds(
    reader: &Reader<'_>,
    tenant: TenantId,
    kinds: &[EntityKind],
    ids: &[ObjectId],
) -> Result<Vec<EntityKind>, Problem> {
    let mut found: HashMap<ObjectId, EntityKind> = HashMap::with_capacity(ids.len());
    let mut missing = ids.to_vec();
    for kind in kinds {
        let those = reader.peek(tenant, *kind, &missing, [])?;
        let live = those.iter().filter(|it| it.state == ObjectState::Live);
        found.extend(live.map(|it| (it.id, it.kind)));
        missing.retain(|id| !found.contains_key(id));
        if missing.is_empty() {
            break;
        }
    }
    ids.iter()
        .map(|id| found.get(id).copied().ok_or_else(|| Problem::not_found(id)))
        .collect()
}

/// The objects with these ids among several kinds, in the order asked; absent ones are left out,
/// all states are kept. One query per kind, not one per id and kind.
pub(crate) fn many(
    reader: &Reader<'_>,
    tenant: TenantId,
    kinds: &[EntityKind],
    ids: &[ObjectId],
) -> Result<Vec<Stored>, StoreError> {
    let mut found: HashMap<ObjectId, Stored> = HashMap::with_capacity(ids.len());
    let mut missing = ids.to_vec();
    for kind in kinds {
        for stored in reader.objects(tenant, *kind, &missing)? {
            found.insert(stored.entry.id, stored);
        }
        missing.retain(|id| !found.contains_key(id));
        if missing.is_empty() {
            break;
        }
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

pub(crate) fn is_live(stored: &Stored) -> bool {
    stored.state == ObjectState::Live
}
