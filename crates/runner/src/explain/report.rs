//! What an explanation says.

use serde::{Deserialize, Serialize};
use syncline_engine::{Action, Evidence};
use syncline_model::{Attr, EntityKind, JobId, Link, ObjectId};
use syncline_store::{Escrow, Staged};

use crate::admission::Obstacle;
use crate::ends::EndState;

/// All that is to be said of one source object.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    pub kind: EntityKind,
    /// In the source.
    pub id: ObjectId,
    /// What keeps the whole job from going on.
    pub obstacles: Vec<Obstacle>,
    pub verdict: Verdict,
    pub link: Option<Link>,
    /// What the target shows of the linked object. `None` without a link, and where the target does not let
    /// the job in.
    pub target: Option<EndState>,
    /// That a cycle that looks at it now would have it leave the target, or leave it there.
    pub leaves: Option<Leaves>,
    /// That a cycle that looks at it now would take it out of the recycle bin, and let go of it.
    pub is_let_go_again: bool,
    /// What a cycle would decide now, redacted where logs are. `None` where it could decide nothing.
    pub evidence: Option<Evidence>,
    /// That it failed, and waits to be tried again.
    pub escrow: Option<Escrow>,
    /// What a cycle has put aside.
    pub staged: Option<Staged>,
    /// Everybody is matched anew, and whose the target object is is known when that is done.
    pub matching_anew: bool,
    /// Objects that it refers to and that are not in the target.
    pub waits_for: Vec<Waiting>,
    /// Objects whose references to it wait.
    pub waited_for: Vec<Waiting>,
    /// Other jobs of the tenant that keep a target object in step which it has or would have.
    pub holders: Vec<Holder>,
}

/// How somebody leaves who is linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// Deleted, or disabled: the deletion threshold may hold that.
    Removed,
    /// Left as they are, and not kept in step any more.
    LetGo,
}

impl Leaves {
    pub(super) fn by(action: &Action) -> Option<Self> {
        match action {
            action if action.is_removal() => Some(Self::Removed),
            Action::Release { .. } => Some(Self::LetGo),
            _ => None,
        }
    }
}

/// How it stands with one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// Linked, and kept in step.
    InTarget,
    /// Linked, and somebody else has put the target object into the recycle bin.
    DeletedInTarget,
    /// Linked, and the target object was deleted for good by somebody else.
    GoneFromTarget,
    /// It was removed; it waits in the target's recycle bin, if that can be read.
    Removed,
    /// It was removed, and is in the recycle bin no more.
    RemovedForGood,
    /// It was removed, and somebody else has restored the target object.
    RestoredInTarget,
    /// It left the scope, and its target object is left as it is.
    Released,
    /// A removal is held by the deletion threshold.
    Held,
    /// What is to be done with it is put aside until the cycle in progress has counted all removals.
    PutAside,
    /// It failed, and is tried again.
    Failed,
    /// It waits until the target lets its kind in.
    AwaitsConsent,
    /// It failed for so long that it is not tried again by itself.
    GivenUp,
    /// It was not tried yet, and would fail.
    WouldFail,
    /// It is skipped; the evidence says why.
    Skipped,
    /// The schema has no object mapping for objects of its kind.
    NotMapped,
    /// The job was never started.
    NotStarted,
    /// A cycle goes on, and has not come to it, or has not ended.
    InCycle,
    /// No cycle has seen it as it is now.
    Changed,
    /// What keeps the job from going on keeps it from deciding, too.
    Unknown,
}

/// The other end of a reference that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    /// In the source.
    pub id: ObjectId,
    /// Target attribute.
    pub attribute: String,
    /// Other jobs between the same two tenants that have in scope what is waited for.
    pub jobs: Vec<Bringer>,
    /// There are further jobs, or so many wait, that not all of them were asked.
    pub more_jobs: bool,
}

/// Another job that has in scope what is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bringer {
    pub job: JobId,
    pub bringing: Bringing,
}

/// Whether it comes with the next cycle of that job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Bringing {
    /// As far as can be told.
    Brings,
    /// It fails there.
    Fails,
    /// The job was never started.
    NotStarted,
    Paused,
    /// It was in quarantine for too long.
    Disabled,
}

impl Waiting {
    pub(super) fn new(id: ObjectId, attr: Attr) -> Self {
        Self {
            id,
            attribute: attr.core_name().unwrap_or_default().to_owned(),
            jobs: Vec::new(),
            more_jobs: false,
        }
    }
}

/// Another job that keeps a target object in step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Holder {
    pub job: JobId,
    pub source: ObjectId,
    pub target: ObjectId,
}
