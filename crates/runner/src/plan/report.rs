//! What a plan says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use syncline_engine::evidence::Modified;
use syncline_model::job::{Counts, CycleKind};
use syncline_model::{Job, JobId, ObjectId, Text};

use super::kept::KeptValues;
use super::left_behind::LeftBehind;
use crate::DeletionThreshold;
use crate::cycle::reevaluation::Extent;

/// What the next cycle would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    pub job_id: JobId,
    /// A schema was given that is not saved yet.
    pub proposed: bool,
    pub kind: CycleKind,
    /// What changed in the configuration, in words; empty when nothing that matters.
    pub changed: Vec<String>,
    pub reach: Reach,
    /// Live objects in the source, of the kinds that the job is about. Not counted while the target does not let the
    /// job in.
    pub objects: u64,
    /// Those that have to be evaluated again because of the configuration.
    pub affected: u64,
    /// All objects that the cycle would evaluate: these, and what changed in the source.
    pub evaluated: u64,
    /// As the cycle would count.
    pub counts: Counts,
    pub skipped_by_reason: BTreeMap<String, u64>,
    /// Objects that were let go and would be kept in step again, among those updated or restored.
    #[serde(default)]
    pub taken_up: u64,
    /// Deletes and disables that would come to the accidental-deletion gate and still be such.
    pub removals: u64,
    /// Those that were carried out before and count at the gate with them: in between, or by a cycle that failed or is given
    /// up.
    #[serde(default)]
    pub removed_before: u64,
    /// The gate would hold them.
    pub held: bool,
    /// The gate they come to.
    #[serde(default)]
    pub threshold: DeletionThreshold,
    /// By target attribute, those with most changes first.
    pub attributes: Vec<AttributePlan>,
    /// Objects for which something would be done, of each kind of change the first ones; deletes and disables before others.
    pub shown: Vec<PlannedObject>,
    /// How many there are.
    pub shown_of: u64,
    /// The first groups whose members would change.
    #[serde(default)]
    pub groups: Vec<GroupPlan>,
    /// How many there are.
    #[serde(default)]
    pub groups_of: u64,
    /// Attributes of linked objects whose mapping is taken away or made weaker: their values stay.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<KeptValues>,
    /// What stays in the target that the job had before, when it has another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_behind: Option<LeftBehind>,
    /// Code and message, when the cycle would fail as a whole.
    #[serde(
        default,
        with = "syncline_model::coded",
        skip_serializing_if = "Option::is_none"
    )]
    pub refused: Option<(String, String)>,
}

/// Whom a change of the configuration concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Reach {
    /// Nobody: it did not change, or not in a way that matters.
    Nobody,
    /// Only objects that are linked, or were.
    Linked,
    /// Linked ones and others.
    Some,
    /// Everybody: the cycle reads the whole source.
    Everybody,
}

/// What would become of one target attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttributePlan {
    pub name: Text,
    /// Values of objects that would be created.
    pub created: u64,
    pub changed: u64,
    pub cleared: u64,
    pub examples: Vec<Example>,
}

/// One change of a value; redacted where logs are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Example {
    pub object: Text,
    pub old: Option<Text>,
    pub new: Option<Text>,
}

/// What would become of the members of one group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupPlan {
    /// Of the group in the source.
    pub id: ObjectId,
    pub name: Text,
    pub added: u64,
    pub removed: u64,
    /// The first of them, by sign-in name, or display name of a group.
    pub first_added: Vec<Text>,
    pub first_removed: Vec<Text>,
}

/// What would become of one object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedObject {
    pub id: ObjectId,
    /// `User` or `Group`.
    pub kind: String,
    /// Sign-in name, or display name of a group.
    pub name: Text,
    /// `create`, `update`, `link` (nothing differs; counted as updated), `disable`, `delete`, `restore`, `release`, `fail`.
    pub action: String,
    /// Why it would fail; or that it was let go before, and would be kept in step again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub changes: Vec<PlannedChange>,
}

/// One value of an object; redacted where logs are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedChange {
    pub name: Text,
    pub old: Option<Text>,
    pub new: Option<Text>,
}

impl From<&Modified> for PlannedChange {
    fn from(modified: &Modified) -> Self {
        Self {
            name: modified.name.clone(),
            old: modified.old.clone(),
            new: modified.new.clone(),
        }
    }
}

impl Plan {
    /// Nothing is foreseen yet.
    pub(super) fn new(
        job: &Job,
        proposed: bool,
        objects: u64,
        extent: &Extent,
        changed: Vec<String>,
    ) -> Self {
        let reach = match extent {
            Extent::Everything => Reach::Everybody,
            Extent::Changes => Reach::Nobody,
            Extent::Concerned(impact) if impact.concerns_unlinked() => Reach::Some,
            Extent::Concerned(_) => Reach::Linked,
        };
        Self {
            job_id: job.id.clone(),
            proposed,
            kind: match extent {
                Extent::Everything => CycleKind::Initial,
                Extent::Changes | Extent::Concerned(_) => CycleKind::Incremental,
            },
            changed,
            reach,
            objects,
            affected: 0,
            evaluated: 0,
            counts: Counts::default(),
            skipped_by_reason: BTreeMap::new(),
            taken_up: 0,
            removals: 0,
            removed_before: job.removed_in_between,
            held: false,
            threshold: DeletionThreshold::default(),
            attributes: Vec::new(),
            shown: Vec::new(),
            shown_of: 0,
            groups: Vec::new(),
            groups_of: 0,
            kept: Vec::new(),
            left_behind: None,
            refused: None,
        }
    }

    /// Of a cycle that the target does not let in. Nothing else is foreseen: it would go by what the target has.
    pub(super) fn not_let_in(job: &Job, proposed: bool, code: &str, message: &str) -> Self {
        let extent = match job.watermark {
            None => Extent::Everything,
            Some(_) => Extent::Changes,
        };
        let mut plan = Self::new(job, proposed, 0, &extent, Vec::new());
        plan.refuse(code, message);
        plan
    }

    pub(super) fn refuse(&mut self, code: &str, message: &str) {
        self.refused = Some((code.to_owned(), message.to_owned()));
    }
}
