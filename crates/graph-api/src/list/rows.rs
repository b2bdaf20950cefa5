//! Where a list's objects come from: functions that give them in order of id.

use std::collections::{BTreeMap, BTreeSet};

use syncline_model::{Attr, EntityKind, ObjectId, Problem, TenantId};
use syncline_store::{EdgeKind, ObjectState, Peeked, Reader, Restriction, Scanned, Stored};

/// Some rows, and where to go on. Fewer rows than asked for do not mean the end.
#[derive(Debug, Default)]
pub struct Batch {
    pub rows: Vec<Stored>,
    /// Objects and references looked at for these rows, those that were left out among them.
    pub looked_at: usize,
    /// `None`: there is nothing after these rows.
    pub next: Option<ObjectId>,
}

impl Batch {
    /// Rows of which fewer than asked for do mean the end.
    pub fn full(rows: Vec<Stored>, limit: usize) -> Self {
        Scanned::of(rows, limit).into()
    }
}

impl From<Scanned> for Batch {
    fn from(scanned: Scanned) -> Self {
        Self {
            rows: scanned.rows,
            looked_at: scanned.looked_at,
            next: scanned.next,
        }
    }
}

/// Bytes of its objects with which a page is full, however few they are: those of one tenant may be large, and all
/// of a page are in memory until its last byte is sent.
pub const FULL: usize = 4 * 1024 * 1024;

/// Rows of a page that are read at once: no more than have room, and the next one.
pub const AT_ONCE: usize = 250;

/// Rows read at a time.
pub(super) const CHUNK: usize = 500;

/// Rows of one page, and the position after it.
pub(super) struct Page {
    pub(super) items: Vec<Stored>,
    /// Opaque; `None` on the last page.
    pub(super) next: Option<Vec<u8>>,
}

/// The rows after an id, about as many as asked for, in order of id.
pub type Rows<'r> = dyn Fn(Option<ObjectId>, usize) -> Result<Batch, Problem> + 'r;

/// All live objects of one kind.
pub fn scan<'r>(
    reader: &'r Reader<'_>,
    tenant: TenantId,
    kind: EntityKind,
) -> impl Fn(Option<ObjectId>, usize) -> Result<Batch, Problem> + 'r {
    move |after, limit| {
        let live = ObjectState::Live;
        let limit = reader.fitting(tenant, kind, after, limit, FULL)?;
        Ok(reader.scan(tenant, kind, live, after, limit)?.into())
    }
}

/// The same, of whom nothing but these attributes is asked.
pub fn scan_showing<'r>(
    reader: &'r Reader<'_>,
    tenant: TenantId,
    kind: EntityKind,
    attrs: Vec<Attr>,
) -> impl Fn(Option<ObjectId>, usize) -> Result<Batch, Problem> + 'r {
    move |after, limit| {
        let live = ObjectState::Live;
        let limit = reader.fitting(tenant, kind, after, limit, FULL)?;
        let scanned = reader.scan_showing(tenant, kind, live, after, limit, &attrs)?;
        Ok(scanned.into())
    }
}

/// Objects at hand, in any order.
pub fn of_vec(
    mut found: Vec<Stored>,
) -> impl Fn(Option<ObjectId>, usize) -> Result<Batch, Problem> {
    found.sort_by_key(|it| it.entry.id);
    found.dedup_by_key(|it| it.entry.id);
    move |after, limit| {
        let from = found.partition_point(|it| after.is_some_and(|after| it.entry.id <= after));
        let rows: Vec<Stored> = found[from..].iter().take(limit).cloned().collect();
        let next = rows
            .last()
            .filter(|_| from + rows.len() < found.len())
            .map(|it| it.entry.id);
        Ok(Batch {
            looked_at: rows.len(),
            rows,
            next,
        })
    }
}

/// The live ones of objects whose ids are at hand, in order.
pub fn of_ids_at_hand<'r>(
    reader: &'r Reader<'_>,
    tenant: TenantId,
    ids: &'r [ObjectId],
    kinds: &'r [EntityKind],
) -> impl Fn(Option<ObjectId>, usize) -> Result<Batch, Problem> + 'r {
    move |after, limit| {
        let rest = &ids[ids.partition_point(|id| after.is_some_and(|after| *id <= after))..];
        let next = &rest[..limit.min(rest.len())];
        of_ids(reader, tenant, next, last_of(next, limit), kinds)
    }
}

/// Objects that may satisfy a filter; they must still be evaluated.
pub fn candidates<'r>(
    reader: &'r Reader<'_>,
    tenant: TenantId,
    restriction: Restriction,
) -> impl Fn(Option<ObjectId>, usize) -> Result<Batch, Problem> + 'r {
    move |after, limit| {
        let limit = reader.candidates_fitting(tenant, &restriction, after, limit, FULL)?;
        Ok(reader
            .candidates(tenant, &restriction, after, limit)?
            .into())
    }
}

/// The live objects that `from` refers to: members, owners, sponsors.
pub fn edges_from<'r>(
    reader: &'r Reader<'_>,
    tenant: TenantId,
    edge: EdgeKind,
    from: ObjectId,
    kinds: &'r [EntityKind],
) -> impl Fn(Option<ObjectId>, usize) -> Result<Batch, Problem> + 'r {
    move |after, limit| {
        let ids = reader.edges_from(tenant, edge, from, after, limit)?;
        of_ids(reader, tenant, &ids, last_of(&ids, limit), kinds)
    }
}

/// The live objects that refer to `to`: direct reports, owned objects.
pub fn edges_to<'r>(
    reader: &'r Reader<'_>,
    tenant: TenantId,
    edge: EdgeKind,
    to: ObjectId,
    kinds: &'r [EntityKind],
) -> impl Fn(Option<ObjectId>, usize) -> Result<Batch, Problem> + 'r {
    move |after, limit| {
        let ids = reader.edges_to(tenant, edge, to, after, limit)?;
        of_ids(reader, tenant, &ids, last_of(&ids, limit), kinds)
    }
}

/// Where to go on after as many ids as were asked for.
fn last_of(ids: &[ObjectId], limit: usize) -> Option<ObjectId> {
    ids.last().filter(|_| ids.len() == limit).copied()
}

/// The live ones of these objects, as many of them as have room. `next`: where to go on after all of them.
pub fn of_ids(
    reader: &Reader<'_>,
    tenant: TenantId,
    ids: &[ObjectId],
    next: Option<ObjectId>,
    kinds: &[EntityKind],
) -> Result<Batch, Problem> {
    let (here, later) = ids.split_at(reader.fitting_of(tenant, kinds, ids, FULL)?);
    let rows = live(reader, tenant, here, kinds)?;
    Ok(Batch {
        rows,
        looked_at: here.len(),
        next: match later {
            [] => next,
            _ => here.last().copied(),
        },
    })
}

/// The live objects with these ids, in order of id; the others are left out.
pub fn live(
    reader: &Reader<'_>,
    tenant: TenantId,
    ids: &[ObjectId],
    kinds: &[EntityKind],
) -> Result<Vec<Stored>, Problem> {
    let mut rows: Vec<Stored> = Vec::with_capacity(ids.len());
    let mut missing: BTreeSet<ObjectId> = ids.iter().copied().collect();
    for kind in kinds {
        // What one kind has found, the next need not look for.
        let wanted: Vec<ObjectId> = missing.iter().copied().collect();
        for found in reader.objects(tenant, *kind, &wanted)? {
            missing.remove(&found.entry.id);
            rows.push(found);
        }
        if missing.is_empty() {
            break;
        }
    }
    rows.retain(|it| it.state == ObjectState::Live);
    rows.sort_by_key(|it| it.entry.id);
    Ok(rows)
}

/// The state and some attributes of the objects with these ids, in order of id; absent ones are left out.
pub fn peek<const N: usize>(
    reader: &Reader<'_>,
    tenant: TenantId,
    ids: &[ObjectId],
    kinds: &[EntityKind],
    attrs: [Attr; N],
) -> Result<BTreeMap<ObjectId, Peeked<N>>, Problem> {
    let mut found = BTreeMap::new();
    let mut missing = ids.to_vec();
    for kind in kinds {
        let peeked = reader.peek(tenant, *kind, &missing, attrs)?;
        found.extend(peeked.into_iter().map(|it| (it.id, it)));
        missing.retain(|id| !found.contains_key(id));
        if missing.is_empty() {
            break;
        }
    }
    Ok(found)
}
