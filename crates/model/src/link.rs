//! Links: which target object a source object was matched to or created as.

use serde::{Deserialize, Serialize};

use crate::{EntityKind, ObjectId, Timestamp};

/// Source anchor ↔ target anchor, per job. Unique on (job, source) and on (job, target).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub source: ObjectId,
    pub target: ObjectId,
    pub kind: EntityKind,
    pub state: LinkState,
    /// When the state was last changed.
    pub since: Timestamp,
    /// [`Job::matching`](crate::Job::matching) when it was made. One of an earlier matching says only what
    /// becomes of a source object that is not wanted any more; whoever is wanted is matched anew.
    #[serde(default)]
    pub matching: u64,
    /// Of one that is [soft-deleted](LinkState::SoftDeleted): the target object was [released](LinkState::Released) before
    /// the job deleted it, with its source. It comes back with the source, also outside the scope, and is let go again.
    #[serde(default)]
    pub was_released: bool,
}

/// What the job did last with the linked target object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum LinkState {
    /// The target object is kept in step.
    Live = 0,
    /// The job soft-deleted the target object; a restore or a later hard delete still follows.
    SoftDeleted = 1,
    /// Out of scope while out-of-scope deletions are off: the target is left as it is.
    Released = 2,
}
