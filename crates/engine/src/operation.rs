//! What is asked of a target, and what it answers. Batch is the normal case: one object is a
//! batch of one.

use syncline_model::{Attr, Attrs, EntityKind, ObjectId, Value};

use crate::Action;

/// One write.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// Create an external object. `attrs` holds the mapped values, the source anchor
    /// ([`Attr::ALTERNATIVE_SECURITY_IDS`]) among them. `left_empty` names those that a target completes
    /// ([`syncline_model::b2b::COMPLETED`]), and that are mapped, have no value and would be cleared again: it gives
    /// them none of its own.
    Create {
        kind: EntityKind,
        attrs: Attrs,
        left_empty: Vec<Attr>,
    },
    /// Set (or with `None` clear) these attributes.
    Update {
        kind: EntityKind,
        target: ObjectId,
        set: Vec<(Attr, Option<Value>)>,
    },
    SoftDelete {
        kind: EntityKind,
        target: ObjectId,
    },
    /// Take out of the recycle bin, then set these attributes.
    Restore {
        kind: EntityKind,
        target: ObjectId,
        set: Vec<(Attr, Option<Value>)>,
    },
    HardDelete {
        kind: EntityKind,
        target: ObjectId,
    },
    /// Make a reference: a manager replaces the one before, a member is added.
    AddReference {
        kind: EntityKind,
        target: ObjectId,
        attr: Attr,
        to: ObjectId,
    },
    /// Remove a reference.
    RemoveReference {
        kind: EntityKind,
        target: ObjectId,
        attr: Attr,
        to: ObjectId,
    },
}

/// A create that is worked out before it is asked for; its parts are those of [`Operation::Create`].
#[derive(Clone, Copy, Debug)]
pub struct Creation<'a> {
    pub kind: EntityKind,
    pub attrs: &'a Attrs,
    pub left_empty: &'a [Attr],
}

impl<'a> Creation<'a> {
    /// Of an action on an object that becomes one of `kind` in the target; none of any other action.
    pub fn of(kind: EntityKind, action: &'a Action) -> Option<Self> {
        match action {
            Action::Create { attrs, left_empty } => Some(Self {
                kind,
                attrs,
                left_empty,
            }),
            _ => None,
        }
    }

    /// The operation that asks for it.
    pub fn operation(self) -> Operation {
        Operation::Create {
            kind: self.kind,
            attrs: self.attrs.clone(),
            left_empty: self.left_empty.to_vec(),
        }
    }
}

/// What became of one operation, in the order asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done; the id of the target object (new for a create).
    Done(ObjectId),
    /// The reference is as it is asked to be, there or gone, and nothing was written.
    Stands(ObjectId),
    /// Refused or failed; nothing of this operation was done.
    Failed(Fault),
}

/// What went wrong in a connected system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub kind: FaultKind,
    /// The provisioning log's `errorCode`.
    pub code: String,
    pub message: String,
    /// What an administrator should do, where the advice of the code does not fit.
    pub action: Option<&'static str>,
    /// Worth another try soon.
    pub transient: bool,
}

impl Fault {
    /// Whether a unique value is taken by somebody who may be about to give it up.
    pub fn is_passing_conflict(&self) -> bool {
        self.kind == FaultKind::Conflict && self.transient
    }
}

/// The family of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// The object is not (any more) there.
    NotFound,
    /// A unique value is taken.
    Conflict,
    /// A value is refused.
    Invalid,
    /// The target does not allow it.
    Forbidden,
    /// Quota or throttling.
    Limited,
    /// The system is not reachable or broken.
    Unavailable,
}
