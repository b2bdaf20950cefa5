//! What an undoing says.

use serde::{Deserialize, Serialize};
use syncline_model::job::Counts;
use syncline_model::{CycleId, JobId, ObjectId, Text};

use super::{Span, Undo};
use crate::{AttributePlan, DeletionThreshold, GroupPlan, PlannedObject};

/// What was undone, or would be. What means the same as in a [`Plan`](crate::Plan) has its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Undone {
    pub job_id: JobId,
    /// Nothing was written, because nothing was to be.
    pub dry_run: bool,
    /// Since when everything was asked for (UTC, ISO 8601); `None` where cycles were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The cycle under which the log has what was undone; `None` where it has nothing of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cycle_id: Option<CycleId>,
    /// Entries of the log that were undone: those that had changed something.
    pub entries: u64,
    /// Entries that nobody can read any more.
    #[serde(default)]
    pub unreadable: u64,
    /// Since when the job's log has entries (UTC, ISO 8601), where that is later than what was asked for: what was done
    /// before stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_begins: Option<String>,
    /// As a cycle counts; `escrowed` are those who failed. They wait for nothing.
    pub counts: Counts,
    /// Objects that the job had taken up, and keeps in step no more.
    pub let_go: u64,
    /// Objects that are as they were before already; those whose members or manager were changed are not among them.
    pub already: u64,
    /// Deletes and disables.
    pub removals: u64,
    /// Those that were carried out before and count at the threshold with them: by undoings, in between, or by a cycle that
    /// failed or was interrupted.
    #[serde(default)]
    pub removed_before: u64,
    /// They reach the threshold: nothing was done, unless they were let through.
    pub held: bool,
    pub threshold: DeletionThreshold,
    /// By target attribute, those with most changes first.
    pub attributes: Vec<AttributePlan>,
    /// Objects that something is done with, of each kind of change the first ones; deletes and disables before others.
    pub shown: Vec<PlannedObject>,
    /// How many there are.
    pub shown_of: u64,
    /// The first groups whose members change.
    pub groups: Vec<GroupPlan>,
    /// How many there are.
    pub groups_of: u64,
    /// The first objects that are not as they were before, and why.
    pub left: Vec<Left>,
    /// How many there are.
    pub left_of: u64,
    /// The first objects that are brought back or switched on, and that the source has deleted or disabled as well, as
    /// foreseen. Whether the next cycle does that again is for the rules to say: its plan does.
    #[serde(default)]
    pub leavers: Vec<Left>,
    /// How many there are.
    #[serde(default)]
    pub leavers_of: u64,
    /// It was stopped: what is missing the same call does.
    pub stopped: bool,
    /// Code and message, when the target does not let the job in.
    #[serde(
        default,
        with = "syncline_model::coded",
        skip_serializing_if = "Option::is_none"
    )]
    pub refused: Option<(String, String)>,
}

/// Something that stays as it is, or that somebody should look at, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Left {
    /// Of the source object.
    pub id: ObjectId,
    /// `User` or `Group`.
    pub kind: String,
    /// Sign-in name, or display name of a group.
    pub name: Text,
    pub reason: String,
}

impl Undone {
    pub(super) fn nothing(job: &JobId, undo: &Undo) -> Self {
        Self {
            job_id: job.clone(),
            dry_run: undo.dry_run,
            since: match &undo.span {
                Span::Since(at) => Some(at.to_string()),
                Span::Cycles(_) => None,
            },
            cycle_id: None,
            entries: 0,
            unreadable: 0,
            log_begins: None,
            counts: Counts::default(),
            let_go: 0,
            already: 0,
            removals: 0,
            removed_before: 0,
            held: false,
            threshold: DeletionThreshold::default(),
            attributes: Vec::new(),
            shown: Vec::new(),
            shown_of: 0,
            groups: Vec::new(),
            groups_of: 0,
            left: Vec::new(),
            left_of: 0,
            leavers: Vec::new(),
            leavers_of: 0,
            stopped: false,
            refused: None,
        }
    }

    pub(super) fn refused(job: &JobId, undo: &Undo, refused: (String, String)) -> Self {
        Self {
            refused: Some(refused),
            ..Self::nothing(job, undo)
        }
    }

    /// Before anything was written.
    pub(super) fn stopped(job: &JobId, undo: &Undo) -> Self {
        Self {
            stopped: true,
            ..Self::nothing(job, undo)
        }
    }
}
