//! The walk through all live objects.

use syncline_connector::{Cursor, SubjectPage};
use syncline_engine::Fault;
use syncline_model::EntityKind;
use syncline_store::{ObjectState, Reader};

use super::cursor::AllPlace;
use super::{LocalSource, broken, subjects};

/// A page of live objects in order of id, one kind after the other. The last page of a kind is
/// short. A part of the walk stays in one kind: `last` is a place in it, or its open end. Kinds come in
/// the order of [`EntityKind`], however `kinds` has them: a walk may go on with another configuration
/// than it began with, and must neither leave a kind out nor stand still in one that is read no more.
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
    let place = match (AllPlace::parse(cursor)?, kinds.iter().min()) {
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
    let next_kind = || {
        let behind = kinds.iter().filter(|kind| **kind > place.kind).min();
        behind.filter(|_| last.is_none()).map(|kind| AllPlace {
            kind: *kind,
            after: None,
        })
    };
    if !kinds.contains(&place.kind) {
        return Ok(SubjectPage {
            subjects: Vec::new(),
            next: next_kind().map(AllPlace::cursor),
        });
    }
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
    } else {
        next_kind()
    };
    let subjects = subjects::of(source, page, objects).map_err(broken)?;
    Ok(SubjectPage {
        subjects,
        next: next.map(AllPlace::cursor),
    })
}
