//! Looking for damage: what no use of the directory can bring about.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use syncline_model::{EntityKind, ObjectId, TenantId};
use syncline_store::{Held, KeyName, ObjectState, Reader, Result, Stored};

use crate::unique::keys_of;

/// The objects of a page that do not hold all of their unique values. Of `identifierUris` another one may hold them: builds
/// before did not tell these apart, and who had the same ones keeps them. What nobody holds was lost, or is of such a build
/// and was not written since: anybody else could take it.
pub fn without_their_keys(
    reader: &Reader<'_>,
    tenant: TenantId,
    page: &[Stored],
) -> Result<Vec<ObjectId>> {
    let (owners, keys): (Vec<ObjectId>, Vec<_>) = page
        .iter()
        .flat_map(|object| {
            let keys = keys_of(&object.entry, object.state).into_iter();
            keys.map(|key| (object.entry.id, key))
        })
        .unzip();
    let holders = reader.holders(tenant, &keys)?;
    let mut without: Vec<ObjectId> = owners
        .iter()
        .zip(&keys)
        .zip(holders)
        .filter(|((owner, key), holder)| match holder {
            None => true,
            Some((_, id)) => id != *owner && key.name != KeyName::IdentifierUri,
        })
        .map(|((owner, _), _)| *owner)
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
