//! The walk through all live objects.

use syncline_connector::{Cursor, SubjectPage};
use syncline_engine::Fault;
use syncline_model::{EntityKind, ObjectId};
use syncline_store::{ObjectState, Reader, Result as StoreResult, Stored};

use super::cursor::AllPlace;
use super::{LocalSource, broken, subjects};

/// How often a page's limit of objects is looked at for it, with those of the dead, until it is half full.
const LOOKS: usize = 4;

/// A page of live objects in order of id, one kind after the other. The last page of a kind is
/// short, and so is one where many are dead: it may be empty. A part of the walk stays in one kind: `last` is a place in it, or its open end. Kinds come in
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
    let last = last.and_then(|last| last.after);
    let (objects, after) = living(source, page, place, last, limit).map_err(broken)?;
    let next = match after {
        Some(id) => Some(AllPlace {
            kind: place.kind,
            after: Some(id),
        }),
        None => next_kind(),
    };
    let subjects = subjects::of(source, page, objects).map_err(broken)?;
    Ok(SubjectPage {
        subjects,
        next: next.map(AllPlace::cursor),
    })
}

/// Up to `limit` live objects from a place on, and where to go on. A page is worth its transaction when it is half full:
/// nothing is read again for the few that are missing.
fn living(
    source: &LocalSource,
    page: &Reader<'_>,
    place: AllPlace,
    last: Option<ObjectId>,
    limit: usize,
) -> StoreResult<(Vec<Stored>, Option<ObjectId>)> {
    let (tenant, kind, live) = (source.tenant, place.kind, ObjectState::Live);
    let (mut objects, mut after) = (Vec::new(), place.after);
    for _ in 0..LOOKS {
        let left = limit - objects.len();
        let scanned = page.scan_until(tenant, kind, live, after, last, left)?;
        objects.extend(scanned.rows);
        after = scanned.next;
        if after.is_none() || objects.len() * 2 >= limit {
            break;
        }
    }
    Ok((objects, after))
}
