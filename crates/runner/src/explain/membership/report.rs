//! What an explanation of a membership says.

use serde::{Deserialize, Serialize};
use syncline_connector::Held;
use syncline_model::{JobId, ObjectId, Timestamp};

use super::super::report::Explanation;
use super::next_cycle::Which;
use crate::memberships::Flowing;

/// All that is to be said of one person and one group.
#[derive(Clone, Debug, PartialEq)]
pub struct MembershipExplanation {
    pub member: Explanation,
    pub group: Explanation,
    pub verdict: MembershipVerdict,
    pub in_source: Option<InSource>,
    /// `None` where one end is not in the target, or was deleted there, or it can not be read.
    pub in_target: Option<InTarget>,
    /// `None` where the mapping of groups or of their members is off.
    pub flow: Option<MembersKept>,
    /// The removal whose end it waits for.
    pub held_by: Option<HeldBy>,
    /// The end whose target object is somebody else's by now, where that keeps them apart: the person, or the group.
    pub somebody_elses: Option<ObjectId>,
    /// Not tried earlier than then, as it was refused, or the group was.
    pub not_before: Option<Timestamp>,
    /// There are more changes in the source than were looked through.
    pub more_changes: bool,
    /// Which cycle this is about; `None` where nothing is known of the job's.
    pub next: Option<Which>,
}

/// How it stands with one membership. Towards what the source has: whoever is in the group there is to be in it, and others
/// are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MembershipVerdict {
    /// What keeps the job from going on keeps this from being known, too.
    Unknown,
    /// The schema has no mapping of members, or it is off.
    MembersNotMapped,
    /// Neither the source nor the target has it.
    NotMember,
    /// Both have it.
    InTarget,
    /// The target has it, and not by this source: nobody removes it.
    AddedByOthers,
    /// Only the target has it, and nothing is removed: members are only added, or given once.
    Kept,
    /// The job does not keep the group in step, or somebody has deleted it in the target.
    GroupNotKept,
    /// The target lets no groups in now.
    GroupsNotLetIn,
    /// The person is not in the target.
    MemberNotThere,
    /// The target object that the person, or the group, was linked to is somebody else's.
    SomebodyElses,
    /// The person lives no more in the source and was let go of.
    LetGo,
    /// It waits for the end of a removal that is held, or still to be counted.
    Held,
    /// An end is to be removed or disabled, or the group let go of, and the next cycle is to decide of that.
    Undecided,
    /// Another job is to remove the person.
    OtherJob,
    /// Members are given when their group comes into the target, and it was there already.
    GivenOnce,
    /// It was refused, or the group was, and is tried again.
    Refused,
    /// Memberships of the group were refused for too long, and are not tried again by themselves.
    GivenUp,
    /// The next cycle writes it.
    Due,
    /// It differs, nothing of it is tried again, and no cycle looks at it until something changes.
    NotLookedAt,
}

/// What the source has of a membership.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InSource {
    /// The person is a member of the group itself.
    pub direct: bool,
    /// Otherwise the groups by which the person is in it: the first has the person, the last is in the group. Empty where
    /// there are none.
    pub through: Vec<ObjectId>,
    /// The person is in so many groups that not all of them were asked.
    pub more_groups: bool,
}

/// What the target has of a membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum InTarget {
    Absent,
    FromSource,
    ByOthers,
}

/// How the members of groups are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MembersKept {
    InStep,
    /// And nobody is removed.
    OnlyAdded,
    /// When their group comes into the target.
    GivenOnce,
}

/// A removal whose end something waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HeldBy {
    /// The person or the group, in the source.
    pub id: ObjectId,
    /// Whether it is the group's.
    pub of_group: bool,
    /// The other job that it is a removal of.
    pub other_job: Option<JobId>,
    /// By the deletion threshold; otherwise a cycle has still to count it.
    pub by_threshold: bool,
}

impl InTarget {
    pub(super) fn of(held: Held) -> Self {
        match held {
            Held::Not => Self::Absent,
            Held::FromSource => Self::FromSource,
            Held::ByOthers => Self::ByOthers,
        }
    }
}

impl MembersKept {
    pub(super) fn of(flowing: &Flowing<'_>) -> Self {
        match (flowing.follows, flowing.removes) {
            (false, _) => Self::GivenOnce,
            (true, false) => Self::OnlyAdded,
            (true, true) => Self::InStep,
        }
    }
}
