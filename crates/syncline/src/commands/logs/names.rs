//! What people call the objects that references of an entry wait for: the entry has their ids.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use syncline_model::{ObjectId, TenantId};
use syncline_store::{Reader, StoreError};

use super::{list, text};
use crate::commands::waiting;

/// As an entry says it, before the ids, as far as those are named there.
const WAITS: &str = "waits until ";

/// The names that objects of these tenants have now; of those that have none there are none.
pub fn of(
    reader: &Reader<'_>,
    tenants: &[TenantId],
    rows: &[Json],
) -> Result<BTreeMap<ObjectId, String>, StoreError> {
    let mut names = BTreeMap::new();
    for id in rows.iter().flat_map(awaited) {
        for tenant in tenants {
            let found = reader.object(*tenant, id)?;
            let name = waiting::name(found.as_ref(), id);
            if found.is_some() && name != id.to_string() {
                names.insert(id, name);
            }
        }
    }
    Ok(names)
}

/// Objects that references of an entry wait for.
fn awaited(row: &Json) -> Vec<ObjectId> {
    let steps = list(row, "/provisioningSteps").iter();
    let references = steps.filter(|it| text(it, "/name") == "ReferenceResolution");
    let details = references.filter_map(|it| it.pointer("/details")?.as_object());
    let told = details.flat_map(|it| it.values().filter_map(Json::as_str));
    let waits = told.filter_map(|it| it.split_once(WAITS));
    let words = waits.flat_map(|(_, ids)| ids.split([' ', ',']));
    words.filter_map(|word| word.parse().ok()).collect()
}

/// A text of an entry with the names beside the ids of whom it waits for.
pub fn shown(text: &str, names: &BTreeMap<ObjectId, String>) -> String {
    let Some((before, ids)) = text.split_once(WAITS) else {
        return text.to_owned();
    };
    let mut ids = ids.to_owned();
    for (id, name) in names {
        let id = id.to_string();
        ids = ids.replace(&id, &format!("{name} ({id})"));
    }
    format!("{before}{WAITS}{ids}")
}
