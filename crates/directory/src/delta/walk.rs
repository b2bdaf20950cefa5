//! The walk through a tenant's changes and moves, in order of their numbers: notes which objects have changed by them.

use std::collections::HashMap;

use syncline_model::{EntityKind, ObjectId, Problem, TenantId};
use syncline_store::{Changed, Edge, EdgeKind, Move, Reader};

use super::moved::Shown;
use super::{Asked, Place, Side, Within};

/// Changes read at a time, however few objects are asked for: most changes of a tenant may be of others.
const AT_ONCE: usize = 500;

/// Changes that one page looks at. Whoever asks for few objects waits no longer than for a full page, and holds
/// the view of the database no longer.
const BUDGET: usize = 20_000;

/// Changes of references that one page tells, of all its objects together. Those of one object may be as many as
/// it has members: it comes again on the next page, with the rest.
const REFERENCES: usize = 1_000;

/// Changes of which the moves are looked up together.
const MOVES: usize = 100;

/// The references that are followed from objects of a kind.
pub(super) fn followed(kind: EntityKind) -> Option<EdgeKind> {
    match kind {
        EntityKind::Group => Some(EdgeKind::Member),
        EntityKind::User => Some(EdgeKind::Manager),
        _ => None,
    }
}

pub(super) struct Found {
    /// In order of their first change here.
    pub(super) drafts: Vec<Draft>,
    at: HashMap<ObjectId, usize>,
    references: usize,
    /// Changes, and references of what moved.
    looked_at: usize,
    /// Most drafts.
    limit: usize,
}

pub(super) struct Draft {
    pub(super) id: ObjectId,
    /// The place before its first change here.
    pub(super) after: Place,
    /// Whether something of its own changed, and not only what the other end of a reference is.
    pub(super) itself: bool,
    pub(super) attributes_changed: bool,
    pub(super) members_added: Vec<ObjectId>,
    pub(super) members_removed: Vec<ObjectId>,
    pub(super) manager_added: Option<ObjectId>,
    pub(super) managers_removed: Vec<ObjectId>,
}

/// One step of the walk.
#[derive(Clone, Copy)]
enum Step {
    Object(ObjectId),
    Edge { edge: Edge, removed: bool },
    Move(Move),
    Other,
}

impl Found {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            drafts: Vec::new(),
            at: HashMap::new(),
            references: 0,
            looked_at: 0,
            limit: limit.max(1),
        }
    }

    /// Notes what there is room for; says after which place to go on, or `None` when all changes are done.
    pub(super) fn walk(
        &mut self,
        reader: &Reader<'_>,
        tenant: TenantId,
        asked: &Asked<'_>,
        has_read: &mut impl FnMut(usize) -> Result<(), Problem>,
    ) -> Result<Option<Place>, Problem> {
        let mut place = asked.since;
        loop {
            let batch = steps(reader, tenant, asked, place.sequence)?;
            has_read(batch.len())?;
            for some in batch.chunks(MOVES) {
                if self.looked_at >= BUDGET {
                    return Ok(Some(place));
                }
                let moves = some.iter().filter_map(|(_, step)| match step {
                    Step::Move(it) => Some(*it),
                    _ => None,
                });
                let shown = Shown::by(reader, tenant, asked, moves.collect())?;
                if shown.read() > 0 {
                    has_read(shown.read())?;
                }
                self.looked_at += some.len() + shown.read();
                for (sequence, step) in some {
                    if let Some(stopped) = self.step(asked, &shown, place, *step)? {
                        return Ok(Some(stopped));
                    }
                    place = Place::from(*sequence);
                }
            }
            if batch.len() < AT_ONCE {
                return Ok(None);
            }
        }
    }

    /// Notes one step, which is the next one behind `place`; says where to go on if there was no room for all of it.
    fn step(
        &mut self,
        asked: &Asked<'_>,
        shown: &Shown<'_, '_>,
        place: Place,
        step: Step,
    ) -> Result<Option<Place>, Problem> {
        let concerned = match step {
            Step::Object(id) => Some(id),
            Step::Edge { edge, .. } => Some(edge.from),
            Step::Move(moved) => return self.moved(asked, shown, place, &moved),
            Step::Other => None,
        };
        let Some(id) = concerned.filter(|id| asked.is_about(*id)) else {
            return Ok(None);
        };
        let is_reference = matches!(step, Step::Edge { .. });
        if !self.has_room_for(id, is_reference) {
            return Ok(Some(place));
        }
        let draft = self.draft(id, place);
        draft.itself = true;
        match step {
            Step::Edge { edge, removed } => self.refer(edge, removed, place),
            _ => draft.attributes_changed = true,
        }
        Ok(None)
    }

    /// Notes what a move hid or showed.
    fn moved(
        &mut self,
        asked: &Asked<'_>,
        shown: &Shown<'_, '_>,
        place: Place,
        moved: &Move,
    ) -> Result<Option<Place>, Problem> {
        let resumed = place.within.filter(|it| it.moved == moved.sequence);
        let mut place = Place {
            within: resumed,
            ..place
        };
        for side in [Side::From, Side::To] {
            let after = match resumed {
                Some(Within { side: Side::To, .. }) if side == Side::From => continue,
                Some(it) if it.side == side => Some(it.after),
                _ => None,
            };
            let done = shown.each(moved, side, after, |edge, removed| {
                let is_asked = asked.is_about(edge.from);
                if is_asked && !self.has_room_for(edge.from, true) {
                    return false;
                }
                if is_asked {
                    self.draft(edge.from, place).itself |= side == Side::From;
                    self.refer(edge, removed, place);
                }
                place.within = Some(Within {
                    moved: moved.sequence,
                    side,
                    after: match side {
                        Side::From => edge.to,
                        Side::To => edge.from,
                    },
                });
                // Most of those that lead to somebody may be of others than those that are asked for.
                self.looked_at += usize::from(!is_asked);
                is_asked || self.looked_at < BUDGET
            })?;
            if !done {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    /// Always for the first one, or a page could make no progress.
    fn has_room_for(&self, id: ObjectId, is_reference: bool) -> bool {
        let full = is_reference && self.references >= REFERENCES;
        !full && (self.drafts.len() < self.limit || self.at.contains_key(&id))
    }

    fn draft(&mut self, id: ObjectId, after: Place) -> &mut Draft {
        let at = *self.at.entry(id).or_insert_with(|| {
            self.drafts.push(Draft {
                id,
                after,
                itself: false,
                attributes_changed: false,
                members_added: Vec::new(),
                members_removed: Vec::new(),
                manager_added: None,
                managers_removed: Vec::new(),
            });
            self.drafts.len() - 1
        });
        &mut self.drafts[at]
    }

    fn refer(&mut self, edge: Edge, removed: bool, place: Place) {
        self.references += 1;
        let draft = self.draft(edge.from, place);
        match (edge.kind, removed) {
            (EdgeKind::Member, true) => draft.members_removed.push(edge.to),
            (EdgeKind::Member, false) => draft.members_added.push(edge.to),
            // Replacing a manager is a removal and an addition.
            (_, true) => draft.managers_removed.push(edge.to),
            (_, false) => draft.manager_added = Some(edge.to),
        }
    }
}

/// The first steps after a sequence, with their own.
fn steps(
    reader: &Reader<'_>,
    tenant: TenantId,
    asked: &Asked<'_>,
    after: u64,
) -> Result<Vec<(u64, Step)>, Problem> {
    let changes = reader.changes_since(tenant, after, asked.until, AT_ONCE)?;
    let followed = followed(asked.kind).filter(|_| asked.references);
    let mut steps: Vec<(u64, Step)> = changes
        .into_iter()
        .map(|change| {
            let step = match change.what {
                Changed::Object { kind, id } if kind == asked.kind => Step::Object(id),
                Changed::Edge { edge, removed } if Some(edge.kind) == followed => {
                    Step::Edge { edge, removed }
                }
                _ => Step::Other,
            };
            (change.sequence, step)
        })
        .collect();
    if followed.is_some() {
        let moves = reader.moves_since(tenant, after, asked.until, AT_ONCE)?;
        steps.extend(moves.into_iter().map(|it| (it.sequence, Step::Move(it))));
        steps.sort_by_key(|(sequence, _)| *sequence);
        steps.truncate(AT_ONCE);
    }
    Ok(steps)
}
