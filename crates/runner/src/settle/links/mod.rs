//! Links after a page, and the exact number of live ones.

mod fate;
mod moves;

use syncline_engine::evidence::EvidenceOutcome;
use syncline_engine::{Decision, Evidence, SkipReason};
use syncline_model::link::LinkState;
use syncline_model::{IdSet, Link, ObjectId, Problem};

use self::moves::Moves;
use super::beside::{self, Came};
use super::{Ledger, freed, referrers};
use crate::memberships::Flowing;
use crate::page::Page;
use crate::view::Decided;

pub(crate) use fate::{Arrival, Fate, fate};
pub(crate) use moves::moved;

/// Links of an earlier matching that were found wrong.
#[derive(Default)]
pub(crate) struct Wrong {
    /// Those that made room for somebody else.
    pub(crate) made_room: Vec<Link>,
    /// Those whose own source object is matched with another target object.
    pub(crate) moved: Vec<Link>,
}

impl Wrong {
    pub(crate) fn is_empty(&self) -> bool {
        self.made_room.is_empty() && self.moved.is_empty()
    }
}

/// Writes the links of these decisions, each with the target object that it came to. Which links of an earlier
/// matching were wrong.
///
/// Links also make room for whoever is matched and failed: what is to be removed or written by them would hit
/// somebody else's target object, and the failure may last for many cycles.
pub(crate) fn settle<'d>(
    page: &mut Page<'_, '_>,
    decisions: impl Iterator<Item = (&'d Decided, Option<ObjectId>)>,
    ledger: &mut Ledger,
) -> Result<Wrong, Problem> {
    let mut moves = Moves::default();
    let flowing = Flowing::of(page.configuration);
    for (decided, target) in decisions {
        moves.take(page, flowing, decided, target, ledger);
    }
    let given_way = give_way(page, &mut moves.put);
    let mut made_room = page.tx.put_links(page.tenant, page.job, &moves.put)?;
    made_room.extend(older_holders(page, &moves.in_vain)?);
    for link in &made_room {
        if link.state == LinkState::Live && !given_way.contains(&link.source) {
            *moves.changes.entry(link.kind).or_default() -= 1;
        }
        moves.removed.push(link.source);
        moves.left.push(link.source);
        // Who refers to him gets whom he is matched with.
        moves.made_anew.push(link.source);
    }
    for (kind, change) in moves.changes {
        let key = page.configuration.entry_key(kind);
        *ledger.entries.entry(key).or_default() += change;
    }
    page.tx
        .delete_links(page.tenant, page.job, &moves.removed)?;
    page.tx
        .delete_memberships_due(page.tenant, page.job, &moves.removed)?;
    // Of those who have another target object, and of those whose target object has another matching value, what they had is free.
    moves.anchored_anew.extend(&moves.made_anew);
    freed::wake(page, &moves.left, &moves.removed, &moves.anchored_anew)?;
    // An object that left waits for nothing. When it comes back its references are decided anew, but for those that are
    // given at creation only: what it waited for then it waits for again.
    let resumed = page
        .tx
        .resume_waiting_of(page.tenant, page.job, &moves.came_back)?;
    let suspended = page
        .tx
        .suspend_waiting_of(page.tenant, page.job, &moves.left)?;
    ledger.waiting += delta(resumed) - delta(suspended);
    page.tx
        .delete_suspended_of(page.tenant, page.job, &moves.removed)?;
    referrers::await_anew(page, &moves.made_anew, ledger)?;
    page.tx
        .wake_waiting(page.tenant, page.job, &moves.arrived)?;
    page.tx
        .put_memberships_due(page.tenant, page.job, &moves.due)?;
    beside::tell(
        page,
        &Came {
            objects: moves.came,
            made_anew: moves.made_anew,
        },
    )?;
    Ok(Wrong {
        made_room,
        moved: moves.moved,
    })
}

/// Takes out the links of an earlier matching, whose objects were released, where another source object is
/// matched with the same target object. Whose they were.
fn give_way(page: &Page<'_, '_>, put: &mut Vec<Link>) -> IdSet<ObjectId> {
    let matching = page.configuration.connected.facts.matching;
    if put.iter().all(|it| it.matching == matching) {
        return IdSet::default();
    }
    let matched = put.iter().filter(|it| it.matching == matching);
    let matched: IdSet<ObjectId> = matched.map(|it| it.target).collect();
    let gives_way = |it: &Link| it.matching < matching && matched.contains(&it.target);
    let given_way = put.iter().filter(|it| gives_way(it));
    let given_way = given_way.map(|it| it.source).collect();
    put.retain(|it| !gives_way(it));
    given_way
}

/// The links of an earlier matching by which somebody else leads to one of these target objects, each with the
/// source object that is matched with it.
fn older_holders(
    page: &Page<'_, '_>,
    matched: &[(ObjectId, ObjectId)],
) -> Result<Vec<Link>, Problem> {
    let matching = page.configuration.connected.facts.matching;
    // Only a restart makes links old.
    if matching == 0 || matched.is_empty() {
        return Ok(Vec::new());
    }
    let targets: Vec<ObjectId> = matched.iter().map(|(target, _)| *target).collect();
    let holders = page.tx.links_to(page.tenant, page.job, &targets)?;
    let by_another = matched
        .iter()
        .zip(holders)
        .filter_map(|((_, source), holder)| {
            holder.filter(|it| it.source != *source && it.matching < matching)
        });
    // One may be in the way of several who failed.
    let mut held: Vec<Link> = by_another.collect();
    held.sort_unstable_by_key(|link| link.source);
    held.dedup_by_key(|link| link.source);
    Ok(held)
}

/// What the log says beside that somebody came back: that he is not kept in step, and why. Undoing goes by both.
pub(super) fn let_go_again(page: &Page<'_, '_>, decision: &Decision) -> Option<Evidence> {
    let keeps = page
        .configuration
        .connected
        .facts
        .skip_out_of_scope_deletions;
    decision.action.restores_released().then(|| Evidence {
        outcome: match keeps {
            true => EvidenceOutcome::Released,
            false => EvidenceOutcome::Skipped(SkipReason::LeftAlone),
        },
        modified: Vec::new(),
        ..decision.evidence.clone()
    })
}

pub(super) fn delta(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
