//! What is to be done with one source object.

use syncline_model::link::LinkState;
use syncline_model::{Attr, Attrs, EntityKind, Link, ObjectId, Value};

use crate::evidence::{EvidenceOutcome, Keeping, Packed};
use crate::{Evidence, Failure, SkipReason};

/// The outcome of deciding about one source object.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    pub source: ObjectId,
    pub kind: EntityKind,
    pub action: Action,
    /// References the target object should have after this; in ids of source objects, to be
    /// resolved through links. Only attributes that are mapped and flow now are listed; an empty
    /// `sources` means the reference is to be removed.
    pub references: Vec<Reference>,
    pub evidence: Evidence,
    /// What was imported, asked and modified, when that stands not in the evidence but here.
    pub packed: Option<Packed>,
    /// Why the rest of the object can not be synchronized, where the action switches its account off all the same: nothing
    /// that is wrong with another attribute keeps a leaver's account on.
    pub besides: Option<Box<Failure>>,
}

impl Decision {
    /// The same object, failed after all: another one got there first, or the target refused.
    #[must_use]
    pub fn failed(mut self, failure: Failure) -> Self {
        self.evidence.outcome = EvidenceOutcome::Failed(failure.clone());
        self.action = Action::Fail(failure);
        self.references.clear();
        self.besides = None;
        self
    }
}

/// A wanted reference and what the target has now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Target attribute, e.g. [`Attr::MANAGER`].
    pub attr: Attr,
    pub sources: Vec<ObjectId>,
    /// Ids of target objects referenced now; empty for an object about to be created.
    pub current: Vec<ObjectId>,
    /// None of those is removed because the source has it not. One that there can be only one of is replaced.
    pub adds_only: bool,
}

/// One attribute's change. `None` clears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub attr: Attr,
    pub old: Option<Value>,
    pub new: Option<Value>,
}

/// What to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Create a target object with these values and link it. `left_empty` as in [`crate::Operation::Create`].
    Create { attrs: Attrs, left_empty: Vec<Attr> },
    /// Change a linked object. `adopt` links it first, as live: it was found by matching, or its
    /// link was released or soft-deleted and it is wanted again.
    Update {
        target: ObjectId,
        changes: Vec<Change>,
        adopt: bool,
    },
    /// Only `accountEnabled` true → false.
    Disable {
        target: ObjectId,
        changes: Vec<Change>,
    },
    /// Put the linked target object into the recycle bin.
    SoftDelete { target: ObjectId },
    /// Take it out again, and change what differs. `adopt` as in `Update`. `lets_go`: it was released before it was deleted,
    /// and is released again; nothing is changed.
    Restore {
        target: ObjectId,
        changes: Vec<Change>,
        adopt: bool,
        lets_go: bool,
    },
    /// Delete for good.
    HardDelete { target: ObjectId },
    /// Stop managing it, and delete nothing (out of scope, or asked to leave by mapping; deletions off). What the mappings that
    /// read `IsSoftDeleted` change before is all that is written, or that the account is switched off.
    Release {
        target: ObjectId,
        changes: Vec<Change>,
    },
    /// Linked (or just adopted, when `adopt`), and nothing differs.
    Unchanged { target: ObjectId, adopt: bool },
    /// Nothing to do, for a reason.
    Skip(SkipReason),
    /// This object can not be synchronized; escrow it.
    Fail(Failure),
}

impl Action {
    /// Makes these changes of a target object that stays; `adopt` as in [`Action::Update`]. Where they do nothing but
    /// switch off its account, and it is linked, that is a [`Action::Disable`].
    pub fn changing(target: ObjectId, changes: Vec<Change>, adopt: bool) -> Self {
        if !adopt && crate::decide::only_disables(&changes) {
            return Self::Disable { target, changes };
        }
        Self::Update {
            target,
            changes,
            adopt,
        }
    }

    /// The target object found by matching that this links for the first time, or again.
    pub fn adopts(&self) -> Option<ObjectId> {
        match self {
            Self::Update {
                target,
                adopt: true,
                ..
            }
            | Self::Restore {
                target,
                adopt: true,
                ..
            }
            | Self::Unchanged {
                target,
                adopt: true,
            } => Some(*target),
            _ => None,
        }
    }

    /// Whether the job kept the target object in step before, and does so since, by the link of before; `None` where the
    /// outcome says that: what is changed, or goes, was kept, and of whoever is let go it is told. It says nothing of who
    /// was let go already, whose object was put into the recycle bin and taken out again, or who is switched off or changed,
    /// which may let go of them as well. A link that led to another object says nothing of this one.
    pub fn keeping(&self, link: Option<&Link>) -> Option<Keeping> {
        let is_live = |link: &Link| link.state == LinkState::Live;
        let (target, after) = match self {
            Self::Update { target, .. } | Self::Unchanged { target, .. } => (target, true),
            // So is somebody switched off who is not wanted and a mapping fails of: that leaves his link as it is.
            Self::Disable { target, .. } => (target, link.is_some_and(is_live)),
            Self::SoftDelete { target } | Self::Release { target, .. } => (target, false),
            Self::Create { .. }
            | Self::Restore { .. }
            | Self::HardDelete { .. }
            | Self::Skip(_)
            | Self::Fail(_) => return None,
        };
        let before = is_live(link.filter(|it| it.target == *target)?);
        let may_let_go = matches!(self, Self::Release { .. } | Self::Disable { .. });
        let says = !self.is_silent() && (!before || (may_let_go && self.writes()));
        says.then_some(Keeping { before, after })
    }

    /// Whether nothing at all is to be written down for this decision in a cycle.
    pub fn is_silent(&self) -> bool {
        matches!(
            self,
            Self::Unchanged { adopt: false, .. } | Self::Skip(SkipReason::RedundantExport)
        )
    }

    /// Whether it comes back out of the recycle bin, and is not kept in step.
    pub fn restores_released(&self) -> bool {
        matches!(self, Self::Restore { lets_go: true, .. })
    }

    /// Whether something is to be written to the target, references apart.
    pub fn writes(&self) -> bool {
        match self {
            Self::Create { .. }
            | Self::Update { .. }
            | Self::Disable { .. }
            | Self::SoftDelete { .. }
            | Self::Restore { .. }
            | Self::HardDelete { .. } => true,
            Self::Release { changes, .. } => !changes.is_empty(),
            Self::Unchanged { .. } | Self::Skip(_) | Self::Fail(_) => false,
        }
    }

    /// Whether all that it writes is that an account is switched off.
    pub fn only_disables(&self) -> bool {
        match self {
            Self::Disable { .. } => true,
            Self::Update { changes, .. } | Self::Release { changes, .. } => {
                crate::decide::only_disables(changes)
            }
            _ => false,
        }
    }

    /// Whether the accidental-deletion gate counts it: deletes, and updates that switch an account
    /// off.
    pub fn is_removal(&self) -> bool {
        match self {
            Self::SoftDelete { .. } | Self::HardDelete { .. } | Self::Disable { .. } => true,
            Self::Update { changes, .. } | Self::Release { changes, .. } => {
                changes.iter().any(|change| {
                    change.attr == Attr::ACCOUNT_ENABLED
                        && change.old == Some(Value::Bool(true))
                        && change.new == Some(Value::Bool(false))
                })
            }
            _ => false,
        }
    }
}
