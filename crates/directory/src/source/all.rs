//! The walk through all live objects.

use syncline_connector::{Cursor, SubjectPage};
use syncline_engine::Fault;
use syncline_model::EntityKind;
use syncline_store::{ObjectState, Tx};

use super::cursor::AllPlace;
use super::{LocalSource, bad_cursor, broken, subjects};

/// A page of live objects in order of id, one kind after the other. The last page of a kind is
/// short.
pub(super) fn page(
    source: &LocalSource,
    page: &mut Tx<'_>,
    kinds: &[EntityKind],
    cursor: &Cursor,
    limit: usize,
) -> Result<SubjectPage, Fault> {
    let limit = limit.max(1);
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
        .scan(
            source.tenant,
            place.kind,
            ObjectState::Live,
            place.after,
            limit,
        )
        .map_err(broken)?;
    let next = if objects.len() == limit {
        objects.last().map(|last| AllPlace {
            kind: place.kind,
            after: Some(last.entry.id),
        })
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
