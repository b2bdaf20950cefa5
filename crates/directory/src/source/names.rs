//! What the log calls objects.

use std::collections::{BTreeMap, HashMap};

use syncline_connector::Names;
use syncline_model::{Attr, EntityKind, ObjectId};
use syncline_store::{Reader, Result};

use super::LocalSource;

/// In the order asked.
pub(super) fn of(
    source: &LocalSource,
    reader: &Reader<'_>,
    ids: &[(EntityKind, ObjectId)],
) -> Result<Vec<Names>> {
    let mut of_kind: BTreeMap<EntityKind, Vec<ObjectId>> = BTreeMap::new();
    for (kind, id) in ids {
        of_kind.entry(*kind).or_default().push(*id);
    }
    let mut names: HashMap<(EntityKind, ObjectId), Names> = HashMap::with_capacity(ids.len());
    let asked = [Attr::DISPLAY_NAME, Attr::USER_PRINCIPAL_NAME];
    for (kind, mut ids) in of_kind {
        ids.sort_unstable();
        ids.dedup();
        for found in reader.peek(source.tenant, kind, &ids, asked)? {
            let [display_name, user_principal_name] = found.values.map(|value| value?.to_text());
            let called = Names::of(kind, display_name, user_principal_name);
            names.insert((kind, found.id), called);
        }
    }
    Ok(ids
        .iter()
        .map(|asked| names.get(asked).cloned().unwrap_or_default())
        .collect())
}
