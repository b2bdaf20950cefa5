//! Links after a page, and the exact number of live ones.

use std::collections::BTreeMap;

use syncline_engine::evidence::EvidenceOutcome;
use syncline_engine::{Action, Decision, Evidence, Lifecycle, SkipReason};
use syncline_model::link::LinkState;
use syncline_model::{Attr, EntityKind, IdSet, Link, ObjectId, Problem, Timestamp};
use syncline_store::MembershipsDue;

use super::beside::{self, Came};
use super::references::is_in_target;
use super::{Ledger, freed, link_after, referrers};
use crate::memberships::Flowing;
use crate::page::Page;
use crate::view::{Decided, LinkedTarget};

/// What becomes of the link of one decision.
pub(crate) enum Fate {
    /// Stays as it is, or there is none.
    Same,
    Put(Link),
    Removed,
}

impl Fate {
    fn leaves_no_link(&self, before: Option<&Link>) -> bool {
        match self {
            Self::Same => before.is_none(),
            Self::Put(_) => false,
            Self::Removed => true,
        }
    }

    /// What this makes of the object that was decided about.
    pub(crate) fn arrival(&self, decided: &Decided) -> Arrival {
        let Self::Put(link) = self else {
            // Somebody else had put it into the recycle bin: there it missed what happened meanwhile.
            let is_back = matches!(decided.decision.action, Action::Restore { .. });
            return Arrival {
                came: is_back,
                is_kept_anew: is_back,
                comes_back: false,
            };
        };
        let before = decided.link.as_ref().filter(|it| it.target == link.target);
        let was = |holds: fn(LinkState) -> bool| before.is_some_and(|it| holds(it.state));
        let is_kept = |state| state == LinkState::Live;
        let is_kept_anew = is_kept(link.state) && !was(is_kept);
        Arrival {
            came: is_in_target(link.state) && !was(is_in_target),
            is_kept_anew,
            comes_back: is_kept_anew && decided.link.is_some(),
        }
    }
}

/// What is new of an object after a decision.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Arrival {
    /// It came into the target, or came back.
    pub(crate) came: bool,
    /// It is kept in step, and was not before: whatever it missed meanwhile, nobody told.
    pub(crate) is_kept_anew: bool,
    /// The same, and it had a link: what it waited for before it left it waits for again.
    pub(crate) comes_back: bool,
}

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

/// The link that this source object had by an earlier matching, where it is matched with another target object.
pub(crate) fn moved(before: Option<&Link>, link: &Link) -> Option<Link> {
    let is_moved = |before: &&Link| before.matching < link.matching && before.target != link.target;
    before.filter(is_moved).cloned()
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
    let mut put: Vec<Link> = Vec::new();
    let mut removed: Vec<ObjectId> = Vec::new();
    let mut arrived: Vec<ObjectId> = Vec::new();
    let mut made_anew: Vec<ObjectId> = Vec::new();
    let mut came: Vec<(EntityKind, ObjectId)> = Vec::new();
    let mut left: Vec<ObjectId> = Vec::new();
    let mut came_back: Vec<ObjectId> = Vec::new();
    let mut anchored_anew: Vec<ObjectId> = Vec::new();
    let mut wrong = Wrong::default();
    let mut in_vain: Vec<(ObjectId, ObjectId)> = Vec::new();
    let flowing = Flowing::of(page.configuration);
    let mut due: Vec<MembershipsDue> = Vec::new();
    let mut changes: BTreeMap<EntityKind, i64> = BTreeMap::new();
    for (decided, target) in decisions {
        let source = decided.decision.source;
        let before = decided.link.as_ref();
        in_vain.extend(decided.matched_in_vain().map(|target| (target, source)));
        if target.is_some() && changes_anchor(&decided.decision.action) {
            anchored_anew.push(source);
        }
        let fate = fate(page.now, decided, target);
        if fate.leaves_no_link(before) {
            ledger.note_unlinked(std::iter::once(decided));
        }
        let arrival = fate.arrival(decided);
        let kind = decided.decision.kind;
        if flowing.is_some_and(|it| it.are_due(page.walk, kind, arrival)) {
            due.push(MembershipsDue::of(kind, source));
        }
        // A job beside this one adds nobody who was let go and lives no more in the source: it has to hear of his return.
        if arrival.came || arrival.is_kept_anew {
            came.push((kind, source));
        }
        if arrival.comes_back {
            came_back.push(source);
        }
        let link = match fate {
            Fate::Same => {
                if arrival.came {
                    arrived.push(source);
                }
                continue;
            }
            Fate::Put(link) => Some(link),
            Fate::Removed => None,
        };
        let is_live = |link: Option<&Link>| link.is_some_and(|it| it.state == LinkState::Live);
        let change = i64::from(is_live(link.as_ref())) - i64::from(is_live(before));
        if change != 0 {
            *changes.entry(kind).or_default() += change;
        }
        match link {
            Some(link) => {
                if arrival.came {
                    arrived.push(source);
                }
                if before.is_some_and(|it| it.target != link.target) {
                    made_anew.push(source);
                }
                wrong.moved.extend(moved(before, &link));
                if link.state != LinkState::Live {
                    left.push(source);
                }
                put.push(link);
            }
            None => {
                removed.push(source);
                left.push(source);
            }
        }
    }
    let given_way = give_way(page, &mut put);
    wrong.made_room = page.tx.put_links(page.tenant, page.job, &put)?;
    wrong.made_room.extend(older_holders(page, &in_vain)?);
    for link in &wrong.made_room {
        if link.state == LinkState::Live && !given_way.contains(&link.source) {
            *changes.entry(link.kind).or_default() -= 1;
        }
        removed.push(link.source);
        left.push(link.source);
        // Who refers to him gets whom he is matched with.
        made_anew.push(link.source);
    }
    for (kind, change) in changes {
        let key = page.configuration.entry_key(kind);
        *ledger.entries.entry(key).or_default() += change;
    }
    page.tx.delete_links(page.tenant, page.job, &removed)?;
    page.tx
        .delete_memberships_due(page.tenant, page.job, &removed)?;
    // Of those who have another target object, and of those whose target object has another matching value, what they had is free.
    anchored_anew.extend(&made_anew);
    freed::wake(page, &left, &removed, &anchored_anew)?;
    // An object that left waits for nothing. When it comes back its references are decided anew, but for those that are
    // given at creation only: what it waited for then it waits for again.
    let resumed = page
        .tx
        .resume_waiting_of(page.tenant, page.job, &came_back)?;
    let suspended = page.tx.suspend_waiting_of(page.tenant, page.job, &left)?;
    ledger.waiting += delta(resumed) - delta(suspended);
    page.tx
        .delete_suspended_of(page.tenant, page.job, &removed)?;
    referrers::await_anew(page, &made_anew, ledger)?;
    page.tx.wake_waiting(page.tenant, page.job, &arrived)?;
    page.tx.put_memberships_due(page.tenant, page.job, &due)?;
    beside::tell(
        page,
        &Came {
            objects: came,
            made_anew,
        },
    )?;
    Ok(wrong)
}

/// Whether this gives a target object another value to be matched by.
fn changes_anchor(action: &Action) -> bool {
    let (Action::Update { changes, .. } | Action::Restore { changes, .. }) = action else {
        return false;
    };
    let mut attrs = changes.iter().map(|it| it.attr);
    attrs.any(|it| it == Attr::ALTERNATIVE_SECURITY_IDS)
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

pub(crate) fn fate(now: Timestamp, decided: &Decided, target: Option<ObjectId>) -> Fate {
    let before = decided.link.as_ref();
    let Some(target) = target else {
        return without_target(now, decided);
    };
    let state = match decided.decision.action {
        Action::HardDelete { .. } => return Fate::Removed,
        Action::SoftDelete { .. } => LinkState::SoftDeleted,
        Action::Release { .. } | Action::Restore { lets_go: true, .. } => LinkState::Released,
        Action::Unchanged { adopt: false, .. } => match (before, decided.linked_target) {
            // Somebody else put it into the recycle bin, where it should be.
            (Some(_), LinkedTarget::InRecycleBin) => LinkState::SoftDeleted,
            (Some(link), _) => link.state,
            (None, _) => return Fate::Same,
        },
        _ => LinkState::Live,
    };
    let link = Link {
        was_released: state == LinkState::SoftDeleted && was_released(decided, target),
        ..link_after(decided, target, state, now)
    };
    let same = |before: &Link| {
        let is_now = (link.state, link.target, link.matching, link.was_released);
        (
            before.state,
            before.target,
            before.matching,
            before.was_released,
        ) == is_now
    };
    if before.is_some_and(same) {
        return Fate::Same;
    }
    Fate::Put(link)
}

/// Whether a target object that is in the recycle bin now was released before the job put it there. What somebody else has put
/// there stays there: released, it was as it was.
fn was_released(decided: &Decided, target: ObjectId) -> bool {
    let deletes = matches!(decided.decision.action, Action::SoftDelete { .. });
    let before = decided.link.as_ref().filter(|it| it.target == target);
    before.is_some_and(|it| it.was_released || deletes && it.state == LinkState::Released)
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

/// Nothing was done. When the linked object is gone, and not wanted any more or not to be made again for now, the
/// link is but a memory: kept while the source object may come back (its new target object has to
/// get the references of the old one), dropped when it can not. Until then nobody can refer to it: whoever did by a
/// link that leads nowhere would fail in every cycle, and have it looked at before its time.
fn without_target(now: Timestamp, decided: &Decided) -> Fate {
    let Some(link) = &decided.link else {
        return Fate::Same;
    };
    let is_left_out = matches!(decided.decision.action, Action::Skip(_) | Action::Fail(_));
    if !is_left_out || decided.linked_target != LinkedTarget::Gone {
        return Fate::Same;
    }
    if decided.lifecycle == Lifecycle::HardDeleted {
        return Fate::Removed;
    }
    if link.state == LinkState::SoftDeleted {
        return Fate::Same;
    }
    Fate::Put(link_after(
        decided,
        link.target,
        LinkState::SoftDeleted,
        now,
    ))
}

pub(super) fn delta(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
