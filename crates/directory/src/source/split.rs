//! The walk through all live objects, cut into parts.

use syncline_connector::Cursor;
use syncline_engine::Fault;
use syncline_model::EntityKind;
use syncline_store::Reader;

use super::cursor::AllPlace;
use super::{LocalSource, broken};

/// Parts of `size` live objects of one kind each; the last of a kind ends with it.
pub(super) fn parts(
    source: &LocalSource,
    reader: &Reader<'_>,
    kinds: &[EntityKind],
    size: usize,
) -> Result<Vec<(Cursor, Cursor)>, Fault> {
    let mut parts = Vec::new();
    for kind in kinds {
        let place = |after| AllPlace { kind: *kind, after }.cursor();
        let borders = reader.borders(source.tenant, *kind, size).map_err(broken)?;
        let mut from = None;
        for border in borders {
            parts.push((place(from), place(Some(border))));
            from = Some(border);
        }
        parts.push((place(from), place(None)));
    }
    Ok(parts)
}
