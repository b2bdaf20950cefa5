//! Objects by a name that no index knows.

use std::collections::HashMap;

use syncline_model::fold::fold;
use syncline_model::{Attr, EntityKind, ObjectId};
use syncline_store::{Scanned, StoreError};

/// Objects read at once.
const PAGE: usize = 1000;

/// For each name those that people call so, of the objects that `page` gives after one, so many at a time.
pub fn named(
    kind: EntityKind,
    names: &[impl AsRef<str>],
    page: impl Fn(Option<ObjectId>, usize) -> Result<Scanned, StoreError>,
) -> Result<Vec<Vec<ObjectId>>, StoreError> {
    let attr = name_of(kind);
    let mut wanted: HashMap<_, Vec<usize>> = HashMap::with_capacity(names.len());
    for (place, name) in names.iter().enumerate() {
        let name = fold(name.as_ref().trim());
        wanted.entry(name).or_default().push(place);
    }
    let mut found = vec![Vec::new(); names.len()];
    let mut after = None;
    while !wanted.is_empty() {
        let page = page(after, PAGE)?;
        for stored in &page.rows {
            let name = stored.entry.text(attr).map(fold);
            for place in name.and_then(|it| wanted.get(&it)).into_iter().flatten() {
                found[*place].push(stored.entry.id);
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(found)
}

/// The same for one name.
pub fn with_name(
    kind: EntityKind,
    name: &str,
    page: impl Fn(Option<ObjectId>, usize) -> Result<Scanned, StoreError>,
) -> Result<Vec<ObjectId>, StoreError> {
    Ok(named(kind, &[name], page)?.pop().unwrap_or_default())
}

/// What people call an object of this kind.
pub fn name_of(kind: EntityKind) -> Attr {
    match kind {
        EntityKind::User => Attr::USER_PRINCIPAL_NAME,
        _ => Attr::DISPLAY_NAME,
    }
}

/// Users and groups by the names that Graph has for them.
pub mod graph_name {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};
    use syncline_model::EntityKind;

    pub fn serialize<S: Serializer>(kind: &EntityKind, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(kind.graph_name())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<EntityKind, D::Error> {
        let name = String::deserialize(deserializer)?;
        [EntityKind::User, EntityKind::Group]
            .into_iter()
            .find(|kind| kind.graph_name() == name)
            .ok_or_else(|| D::Error::custom(format!("`{name}` is neither user nor group")))
    }
}
