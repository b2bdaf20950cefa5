//! One thing that a file wants otherwise than it is.

use serde::{Deserialize, Serialize};
use syncline_engine::escrow::Timetable;
use syncline_model::{EntityKind, ObjectId};

use super::file::{Interval, Scope, State, Threshold};
use super::notifications::Notifications;
use super::schema_changes::SchemaChange;

/// In the order they are written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "what",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Change {
    /// The target lets users of the source be synchronized into it, or no longer.
    UsersAllowed {
        to: bool,
    },
    /// The same for groups.
    GroupsAllowed {
        to: bool,
    },
    /// The target redeems invitations of the source without asking.
    InboundRedemption {
        to: bool,
    },
    /// The source consents to that for its users.
    OutboundRedemption {
        to: bool,
    },
    /// The configuration, an application with its service principal, which names its target.
    CreateConfiguration,
    /// The configuration has another name in the source.
    Rename {
        from: String,
        to: String,
    },
    /// A configuration that is there is told its target.
    SetTarget,
    Scope {
        from: Scope,
        to: Scope,
    },
    AccidentalDeletionThreshold {
        from: Threshold,
        to: Threshold,
    },
    /// Whoever leaves the scope stays in the target as they are, or no longer.
    SkipOutOfScopeDeletions {
        to: bool,
    },
    /// Who is to be written to about the job.
    Notifications {
        from: Notifications,
        to: Notifications,
    },
    CreateJob,
    Interval {
        from: Interval,
        to: Interval,
    },
    /// Changes are followed at once, between the scheduled cycles, or no longer.
    Continuous {
        to: bool,
    },
    /// When failed objects are tried again.
    Retries {
        #[serde(with = "super::retries::timetable")]
        from: Timetable,
        #[serde(with = "super::retries::timetable")]
        to: Timetable,
    },
    Assign {
        #[serde(with = "crate::named::graph_name")]
        kind: EntityKind,
        id: ObjectId,
        name: String,
    },
    Unassign {
        #[serde(with = "crate::named::graph_name")]
        kind: EntityKind,
        id: ObjectId,
        name: String,
    },
    /// The job gets the schema of the file.
    SaveSchema {
        /// The job was only just created.
        new: bool,
        /// In what it differs from the job's; where that is new, from the one that every job has at first.
        differences: Vec<SchemaChange>,
    },
    State {
        to: State,
    },
}

impl Change {
    /// Whether it is one of the configuration that objects are decided by, with which a permission for removals ends: whoever
    /// gave it has not looked at what the new one removes.
    pub fn is_of_the_configuration(&self) -> bool {
        match self {
            Self::SetTarget
            | Self::Scope { .. }
            | Self::SkipOutOfScopeDeletions { .. }
            | Self::SaveSchema { .. } => true,
            Self::UsersAllowed { .. }
            | Self::GroupsAllowed { .. }
            | Self::InboundRedemption { .. }
            | Self::OutboundRedemption { .. }
            | Self::CreateConfiguration
            | Self::Rename { .. }
            | Self::AccidentalDeletionThreshold { .. }
            | Self::Notifications { .. }
            | Self::CreateJob
            | Self::Interval { .. }
            | Self::Continuous { .. }
            | Self::Retries { .. }
            | Self::Assign { .. }
            | Self::Unassign { .. }
            | Self::State { .. } => false,
        }
    }

    /// Whether somebody may lose by it what they have or may: that must be asked for.
    pub fn takes_away(&self) -> bool {
        match self {
            Self::UsersAllowed { to }
            | Self::GroupsAllowed { to }
            | Self::InboundRedemption { to }
            | Self::OutboundRedemption { to }
            | Self::SkipOutOfScopeDeletions { to } => !to,
            Self::Scope { to, .. } => *to == Scope::Assigned,
            Self::AccidentalDeletionThreshold { from, to } => to.lets_more_through_than(*from),
            Self::Unassign { .. } => true,
            Self::CreateConfiguration
            | Self::Rename { .. }
            | Self::SetTarget
            | Self::Notifications { .. }
            | Self::Retries { .. }
            | Self::CreateJob
            | Self::Interval { .. }
            | Self::Continuous { .. }
            | Self::Assign { .. }
            | Self::SaveSchema { .. }
            | Self::State { .. } => false,
        }
    }
}
