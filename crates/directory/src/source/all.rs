//! The walk through all live objects.

use syncline_connector::{Cursor, SubjectPage};
use syncline_engine::Fault;
use syncline_model::EntityKind;
use syncline_store::{ObjectState, Reader};

use super::cursor::AllPlace;
use super::{LocalSource, bad_cursor, broken, subjects};

/// A page of live objects in order of id, one kind after the other. The last page of a kind is
/// short. A part of the walk stays in one kind: `last` is a place in it, or its open end.
pub(super) fn page(
    source: &LocalSource,
    page: &Reader<'_>,
    kinds: &[EntityKind],
    cursor: &Cursor,
    last: &Cursor,
    limit: usize,
) -> Result<SubjectPage, Fault> {
    let limit = limit.max(1);
    let last = AllPlace::parse(last)?;
    let place = match (AllPlace::parse(cursor)?, kinds.first()) {
        (Some(place), _) => place,
        (None, Some(first)) => AllPlace {
            kind: *first,
            after: None,
        },
        (None, None) => {
            return Ok(SubjectPage {
                subjects: Vec::new(),
                next: None,
            });
        }
    };
    let at = kinds
        .iter()
        .position(|kind| *kind == place.kind)
        .ok_or_else(|| bad_cursor(cursor))?;
    let objects = page
        .scan_until(
            source.tenant,
            place.kind,
            ObjectState::Live,
            place.after,
            last.and_then(|last| last.after),
            limit,
        )
        .map_err(broken)?;
    let next = if objects.len() == limit {
        objects.last().map(|last| AllPlace {
            kind: place.kind,
            after: Some(last.entry.id),
        })
    } else if last.is_some() {
        None
    } else {
        kinds.get(at + 1).map(|kind| AllPlace {
            kind: *kind,
            after: None,
        })
    };
    let subjects = subjects::of(source, page, objects).map_err(broken)?;
    Ok(SubjectPage {
        subjects,
        next: next.map(AllPlace::cursor),
    })
}
