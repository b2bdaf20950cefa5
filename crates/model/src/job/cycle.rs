//! Cycles of a job: the one in progress, and what the last one did.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{CycleId, JobId, Timestamp};

/// Which objects a cycle looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CycleKind {
    /// All of the source.
    Initial,
    /// What changed behind the watermark.
    Incremental,
}

/// How a cycle ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CycleState {
    Succeeded,
    Failed,
    /// Finished, some objects failed and are escrowed.
    EntryLevelErrors,
    /// Paused at a checkpoint.
    Stopped,
}

/// What a cycle did. Each source object evaluated counts once among the first nine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    pub created: u64,
    pub updated: u64,
    /// Only `accountEnabled` true → false.
    pub disabled: u64,
    pub deleted: u64,
    pub restored: u64,
    pub skipped: u64,
    pub escrowed: u64,
    /// Deletes and disables held by the accidental-deletion gate.
    pub staged: u64,
    pub unchanged: u64,
    pub references_set: u64,
    pub references_removed: u64,
    /// References that wait after the cycle.
    pub references_pending: u64,
}

/// A place in the source's changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watermark {
    /// `changed_seq` of a hosted source; an external source keeps its own token here as text.
    pub sequence: u64,
    pub token: Option<String>,
}

/// A cycle in progress, as its last committed page left it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunningCycle {
    pub id: CycleId,
    pub kind: CycleKind,
    pub began: Timestamp,
    pub phase: CyclePhase,
    pub counts: Counts,
    pub skipped_by_reason: BTreeMap<String, u64>,
    pub imported: u64,
    pub entitled: u64,
    /// Objects to look at, as far as known when the cycle began.
    pub total: u64,
    /// The watermark the cycle will leave behind.
    pub until: Watermark,
    /// Where to go on, as the phase understands it (opaque to everyone but the runner, save for [`LAPSING`]).
    pub cursor: String,
    pub configuration_generation: u64,
    /// References that could not be written; their objects are counted as what else became of them.
    #[serde(default)]
    pub references_failed: u64,
    /// Of the objects that failed, those whose kind the target lets nothing in of: no job is quarantined for them.
    #[serde(default)]
    pub awaiting_consent: u64,
    /// The full read is cut into parts, each with a checkpoint of its own.
    #[serde(default)]
    pub in_parts: bool,
    /// The configuration was changed before: objects that this concerns are looked at, too.
    #[serde(default)]
    pub reevaluates: bool,
    /// Everybody for whom a mapping reads the clock is evaluated, whether anything of them has changed or not.
    #[serde(default)]
    pub by_clock: bool,
    /// All linked groups are gone through, member by member: of what changed in them, nobody told.
    #[serde(default)]
    pub walks_groups: bool,
    /// What [`Job::removed_in_between`](super::Job::removed_in_between) was when it began: so many it has counted when it ends, and whatever was removed
    /// beside it goes on to count.
    #[serde(default)]
    pub removed_before: u64,
    /// Objects of which that was asked, and which it does not concern.
    #[serde(default)]
    pub passed_over: u64,
    /// Deletes that it has carried out, and updates that switch an account off, whatever else they change: so many the
    /// deletion threshold counts. See [`RunningCycle::removals`].
    #[serde(default)]
    pub removed: u64,
    /// When the job was due as the cycle began. Another time asks for a further cycle, whatever the clock of
    /// the node says that set it. `None` of cycles that older versions began.
    #[serde(default)]
    pub due: Option<Timestamp>,
    /// It follows changes between two scheduled cycles. What has its own time, as the next try of a failed object has,
    /// is left to those.
    #[serde(default)]
    pub in_between: bool,
    /// What others have staged later than the first and no later than the second of these, while it carried out the
    /// removals that it had counted, is left to the next cycle, however often this one comes to its removals again.
    #[serde(default)]
    pub left_staged: Option<(Timestamp, Timestamp)>,
    /// It lets removals past the deletion gate, while its configuration is in force
    /// ([`Job::lets_removals_through_in`](super::Job::lets_removals_through_in)). However it ends, the permission ends with it: those that a later
    /// accident brings are not those that somebody has looked at.
    #[serde(default)]
    pub force_deletes: bool,
    /// Only [`RunningCycle::force_deletes`] tells whether it does so. Not of cycles that older versions began: they left the
    /// permission with the job until they ended.
    #[serde(default)]
    pub has_own_permission: bool,
    /// The job had links when the cycle began, or failed objects: a full read must also look for those of them that
    /// the source no longer has.
    pub had_links: bool,
}

impl RunningCycle {
    /// One that has done nothing yet, and is to leave this watermark behind.
    pub fn new(
        id: CycleId,
        kind: CycleKind,
        phase: CyclePhase,
        began: Timestamp,
        until: Watermark,
    ) -> Self {
        Self {
            id,
            kind,
            began,
            phase,
            counts: Counts::default(),
            skipped_by_reason: BTreeMap::new(),
            imported: 0,
            entitled: 0,
            total: 0,
            until,
            cursor: String::new(),
            configuration_generation: 0,
            references_failed: 0,
            awaiting_consent: 0,
            in_parts: false,
            reevaluates: false,
            by_clock: false,
            walks_groups: false,
            removed_before: 0,
            passed_over: 0,
            removed: 0,
            due: None,
            in_between: false,
            left_staged: None,
            force_deletes: false,
            has_own_permission: true,
            had_links: false,
        }
    }

    /// Whether it has not come to its removals yet.
    pub fn is_before_removals(&self) -> bool {
        let is_there = match self.phase {
            CyclePhase::Staged => !self.is_to_count(),
            CyclePhase::Retries => true,
            _ => false,
        };
        // Members are gone through once more behind them.
        !is_there && self.removals() == 0
    }

    /// Whether no verdict is taken of the removals that it has come to: what is held may have to be gone through before.
    fn is_to_count(&self) -> bool {
        self.cursor.is_empty() || self.cursor.starts_with(LAPSING)
    }

    /// How many removals it has carried out, as the deletion threshold counts them. One that an older version began has
    /// told only those that do nothing else.
    pub fn removals(&self) -> u64 {
        let shown = self.counts.deleted.saturating_add(self.counts.disabled);
        self.removed.max(shown)
    }
}

/// Of [`CyclePhase::Staged`], before the removals are counted: the beginning of a cursor among those that are held since an earlier
/// cycle, before the id of the last one that was looked at.
pub const LAPSING: &str = "lapsing ";

/// The parts of a cycle, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CyclePhase {
    /// Objects that failed earlier and are due again.
    Escrows,
    /// The source's objects or changes.
    Source,
    /// Objects that a change of the configuration concerns.
    Reevaluation,
    /// On a full read: linked objects that the source no longer has.
    Links,
    /// References whose object was linked meanwhile.
    References,
    /// Members of groups.
    Memberships,
    /// Deletes and disables, counted and let through.
    Staged,
    /// Objects that failed in this cycle because somebody had their name whom it has removed since.
    Retries,
}

/// What `jobs run --wait` and the demo print, and what a cycle's end is told to listeners.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CycleReport {
    pub job_id: JobId,
    pub cycle_id: CycleId,
    pub kind: CycleKind,
    pub state: CycleState,
    pub counts: Counts,
    pub skipped_by_reason: BTreeMap<String, u64>,
    pub duration_ms: u64,
    /// Code and message, when the cycle failed.
    #[serde(
        default,
        with = "crate::coded",
        skip_serializing_if = "Option::is_none"
    )]
    pub error: Option<(String, String)>,
    /// The job was in quarantine for four weeks, and is disabled: no cycle begins until it is started.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub job_disabled: bool,
    /// It followed changes between two scheduled cycles, and has left out what has a time of its own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_between: bool,
}
