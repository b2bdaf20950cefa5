//! Looking for damage: what no use of the directory can bring about.

use syncline_model::{ObjectId, TenantId};
use syncline_store::{Reader, Result, Stored};

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
            keys.into_iter().map(|key| (object.entry.id, key))
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
