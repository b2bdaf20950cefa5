//! Looking for damage: what no use of the directory can bring about.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use syncline_model::{EntityKind, ObjectId, TenantId};
use syncline_store::{Held, KeyName, ObjectState, Reader, Result, Stored};

use crate::unique::keys_of;

/// The objects of a page that do not hold all of their unique values.
pub fn without_their_keys(
    reader: &Reader<'_>,
    tenant: TenantId,
    page: &[Stored],
) -> Result<Vec<ObjectId>> {
    let (owners, keys): (Vec<ObjectId>, Vec<_>) = page
        .iter()
        .flat_map(|object| {
            let keys = keys_of(&object.entry, object.state);
            // Builds before did not know of these: the objects take them when they are next written.
            let keys = keys
                .into_iter()
                .filter(|key| key.name != KeyName::IdentifierUri);
            keys.map(|key| (object.entry.id, key))
        })
        .unzip();
    let holders = reader.holders(tenant, &keys)?;
    let mut without: Vec<ObjectId> = owners
        .iter()
        .zip(holders)
        .filter(|(owner, holder)| holder.is_none_or(|(_, id)| id != **owner))
        .map(|(owner, _)| *owner)
        .collect();
    without.dedup();
    Ok(without)
}

/// Who on a page of held unique values does not have the value, once for each such value: nobody else can take it, and
/// whoever asks for it finds the wrong object. Those that are gone, or about to be, are left out.
pub fn without_what_they_hold(
    reader: &Reader<'_>,
    tenant: TenantId,
    page: &[Held],
) -> Result<Vec<ObjectId>> {
    let mut holders: BTreeMap<EntityKind, BTreeSet<ObjectId>> = BTreeMap::new();
    for held in page {
        holders.entry(held.kind).or_default().insert(held.id);
    }
    let (mut known, mut theirs) = (HashSet::new(), HashSet::new());
    for (kind, ids) in holders {
        let ids: Vec<ObjectId> = ids.into_iter().collect();
        for object in reader.objects(tenant, kind, &ids)? {
            if object.state == ObjectState::Purged || object.is_being_purged() {
                continue;
            }
            let id = object.entry.id;
            known.insert(id);
            let keys = keys_of(&object.entry, object.state);
            theirs.extend(keys.iter().map(|key| (id, key.hash())));
        }
    }
    let wrong = page
        .iter()
        .filter(|held| known.contains(&held.id) && !theirs.contains(&(held.id, held.hash)));
    Ok(wrong.map(|held| held.id).collect())
}
