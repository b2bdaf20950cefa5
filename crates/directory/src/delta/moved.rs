//! The references that objects hid or showed by moving into the recycle bin or out of it.

use std::collections::HashMap;

use syncline_model::{ObjectId, Problem, TenantId};
use syncline_store::{Edge, EdgeKind, Move, ObjectState, Reader};

use super::walk::followed;
use super::{Asked, Side};

/// References of each object that are read for all together: most have no more.
const FIRST: usize = 20;

/// References of one object that are read at a time after these.
const AT_ONCE: usize = 250;

/// What some moves hid or showed.
pub(super) struct Shown<'r, 'v> {
    reader: &'r Reader<'v>,
    tenant: TenantId,
    edge: Option<EdgeKind>,
    /// Of each moved object that has any: the other ends of its first references, in order.
    from: HashMap<ObjectId, Vec<ObjectId>>,
    to: HashMap<ObjectId, Vec<ObjectId>>,
}

impl<'r, 'v> Shown<'r, 'v> {
    /// Looks up the first references of all of them.
    pub(super) fn by(
        reader: &'r Reader<'v>,
        tenant: TenantId,
        asked: &Asked<'_>,
        moves: Vec<Move>,
    ) -> Result<Self, Problem> {
        let mut shown = Self {
            reader,
            tenant,
            edge: followed(asked.kind).filter(|_| !moves.is_empty()),
            from: HashMap::new(),
            to: HashMap::new(),
        };
        let Some(edge) = shown.edge else {
            return Ok(shown);
        };
        // What is hidden itself is not asked what it refers to.
        let back: Vec<ObjectId> = moves
            .iter()
            .filter(|it| it.kind == asked.kind && it.state == ObjectState::Live)
            .filter(|it| asked.is_about(it.id))
            .map(|it| it.id)
            .collect();
        for (from, to) in reader.edges_from_each(tenant, edge, &back, FIRST)? {
            shown.from.entry(from).or_default().push(to);
        }
        let ends: Vec<_> = moves.iter().map(|it| (it.id, None)).collect();
        let found = reader.edges_to_each(tenant, edge, &ends, FIRST)?;
        for (to, from) in found {
            shown.to.entry(to).or_default().push(from);
        }
        Ok(shown)
    }

    /// How many references were looked up.
    pub(super) fn read(&self) -> usize {
        self.from
            .values()
            .chain(self.to.values())
            .map(Vec::len)
            .sum()
    }

    /// Tells `note` of each reference of one side, behind the one from or to `after`, with whether it is hidden now, until
    /// that has no room for one. Whether it had room for all.
    pub(super) fn each(
        &self,
        moved: &Move,
        side: Side,
        mut after: Option<ObjectId>,
        mut note: impl FnMut(Edge, bool) -> bool,
    ) -> Result<bool, Problem> {
        let first = match side {
            Side::From => self.from.get(&moved.id),
            Side::To => self.to.get(&moved.id),
        };
        let (Some(kind), Some(first)) = (self.edge, first) else {
            return Ok(true);
        };
        let mut more = first.len() == FIRST;
        let behind = first.partition_point(|id| after.is_some_and(|after| *id <= after));
        let mut page = first[behind..].to_vec();
        let hidden = moved.state != ObjectState::Live;
        loop {
            for other in page {
                let (from, to) = match side {
                    Side::From => (moved.id, other),
                    Side::To => (other, moved.id),
                };
                if !note(Edge { kind, from, to }, hidden) {
                    return Ok(false);
                }
                after = Some(other);
            }
            if !more {
                return Ok(true);
            }
            page = match side {
                Side::From => {
                    self.reader
                        .edges_from(self.tenant, kind, moved.id, after, AT_ONCE)?
                }
                Side::To => self
                    .reader
                    .edges_to(self.tenant, kind, moved.id, after, AT_ONCE)?,
            };
            more = page.len() == AT_ONCE;
        }
    }
}
