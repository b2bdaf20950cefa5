//! Objects by a name that no index knows.

use syncline_model::fold::fold;
use syncline_model::{Attr, EntityKind, ObjectId};
use syncline_store::{StoreError, Stored};

/// Objects read at once.
const PAGE: usize = 1000;

/// Those that people call so, of the objects that `page` gives after one, so many at a time.
pub fn named(
    kind: EntityKind,
    name: &str,
    page: impl Fn(Option<ObjectId>, usize) -> Result<Vec<Stored>, StoreError>,
) -> Result<Vec<ObjectId>, StoreError> {
    let (attr, wanted) = (name_of(kind), fold(name));
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = page(after, PAGE)?;
        let Some(last) = page.last() else {
            return Ok(found);
        };
        after = Some(last.entry.id);
        let named = page
            .iter()
            .filter(|it| it.entry.text(attr).is_some_and(|it| fold(it) == wanted));
        found.extend(named.map(|it| it.entry.id));
    }
}

/// What people call an object of this kind.
pub fn name_of(kind: EntityKind) -> Attr {
    match kind {
        EntityKind::User => Attr::USER_PRINCIPAL_NAME,
        _ => Attr::DISPLAY_NAME,
    }
}
