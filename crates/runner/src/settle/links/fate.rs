//! What a decision makes of a link.

use syncline_engine::{Action, Lifecycle};
use syncline_model::link::LinkState;
use syncline_model::{Link, ObjectId, Timestamp};

use crate::settle::link_after;
use crate::settle::references::is_in_target;
use crate::view::{Decided, LinkedTarget};

/// What becomes of the link of one decision.
pub(crate) enum Fate {
    /// Stays as it is, or there is none.
    Same,
    Put(Link),
    Removed,
}

impl Fate {
    pub(super) fn leaves_no_link(&self, before: Option<&Link>) -> bool {
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
