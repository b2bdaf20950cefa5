//! What the decisions of a page make of links, gathered before anything is written.

use std::collections::BTreeMap;

use syncline_engine::Action;
use syncline_model::link::LinkState;
use syncline_model::{Attr, EntityKind, Link, ObjectId};
use syncline_store::MembershipsDue;

use super::fate::{Fate, fate};
use crate::memberships::Flowing;
use crate::page::Page;
use crate::settle::Ledger;
use crate::view::Decided;

/// Objects are named by their source object.
#[derive(Default)]
pub(super) struct Moves {
    /// To be written.
    pub(super) put: Vec<Link>,
    /// To be removed.
    pub(super) removed: Vec<ObjectId>,
    /// In the target now, or back there: who waited for them waits no longer.
    pub(super) arrived: Vec<ObjectId>,
    /// Those who have another target object than before: who refers to them refers to that one.
    pub(super) made_anew: Vec<ObjectId>,
    /// Those who came, or are kept in step anew: jobs beside this one are told.
    pub(super) came: Vec<(EntityKind, ObjectId)>,
    /// Those who have no live link any more.
    pub(super) left: Vec<ObjectId>,
    /// Those who are kept in step again, and had a link.
    pub(super) came_back: Vec<ObjectId>,
    /// Those whose target object is matched by another value than before.
    pub(super) anchored_anew: Vec<ObjectId>,
    /// Links of an earlier matching whose source object is matched with another target object.
    pub(super) moved: Vec<Link>,
    /// Target object and source object of those who are matched, and failed.
    pub(super) in_vain: Vec<(ObjectId, ObjectId)>,
    /// Those whose memberships are to be looked at.
    pub(super) due: Vec<MembershipsDue>,
    /// Change of the number of live links.
    pub(super) changes: BTreeMap<EntityKind, i64>,
}

impl Moves {
    /// What one decision makes of a link, with the target object that it came to.
    pub(super) fn take(
        &mut self,
        page: &Page<'_, '_>,
        flowing: Option<Flowing<'_>>,
        decided: &Decided,
        target: Option<ObjectId>,
        ledger: &mut Ledger,
    ) {
        let source = decided.decision.source;
        let before = decided.link.as_ref();
        self.in_vain
            .extend(decided.matched_in_vain().map(|target| (target, source)));
        if target.is_some() && changes_anchor(&decided.decision.action) {
            self.anchored_anew.push(source);
        }
        let fate = fate(page.now, decided, target);
        if fate.leaves_no_link(before) {
            ledger.note_unlinked(std::iter::once(decided));
        }
        let arrival = fate.arrival(decided);
        let kind = decided.decision.kind;
        if flowing.is_some_and(|it| it.are_due(page.walk, kind, arrival)) {
            self.due.push(MembershipsDue::of(kind, source));
        }
        // A job beside this one adds nobody who was let go and lives no more in the source: it has to hear of his return.
        if arrival.came || arrival.is_kept_anew {
            self.came.push((kind, source));
        }
        if arrival.comes_back {
            self.came_back.push(source);
        }
        let link = match fate {
            Fate::Same => {
                if arrival.came {
                    self.arrived.push(source);
                }
                return;
            }
            Fate::Put(link) => Some(link),
            Fate::Removed => None,
        };
        let is_live = |link: Option<&Link>| link.is_some_and(|it| it.state == LinkState::Live);
        let change = i64::from(is_live(link.as_ref())) - i64::from(is_live(before));
        if change != 0 {
            *self.changes.entry(kind).or_default() += change;
        }
        match link {
            Some(link) => {
                if arrival.came {
                    self.arrived.push(source);
                }
                if before.is_some_and(|it| it.target != link.target) {
                    self.made_anew.push(source);
                }
                self.moved.extend(moved(before, &link));
                if link.state != LinkState::Live {
                    self.left.push(source);
                }
                self.put.push(link);
            }
            None => {
                self.removed.push(source);
                self.left.push(source);
            }
        }
    }
}

/// The link that this source object had by an earlier matching, where it is matched with another target object.
pub(crate) fn moved(before: Option<&Link>, link: &Link) -> Option<Link> {
    let is_moved = |before: &&Link| before.matching < link.matching && before.target != link.target;
    before.filter(is_moved).cloned()
}

/// Whether this gives a target object another value to be matched by.
fn changes_anchor(action: &Action) -> bool {
    let (Action::Update { changes, .. } | Action::Restore { changes, .. }) = action else {
        return false;
    };
    let mut attrs = changes.iter().map(|it| it.attr);
    attrs.any(|it| it == Attr::ALTERNATIVE_SECURITY_IDS)
}
