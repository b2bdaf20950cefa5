//! One thing that a file wants otherwise than it is.

use serde::{Deserialize, Serialize};
use syncline_model::{EntityKind, ObjectId};

use super::file::{Interval, Scope, State, Threshold};

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
    CreateJob,
    Interval {
        from: Interval,
        to: Interval,
    },
    /// Changes are followed at once, between the scheduled cycles, or no longer.
    Continuous {
        to: bool,
    },
    Assign {
        kind: EntityKind,
        id: ObjectId,
        name: String,
    },
    Unassign {
        kind: EntityKind,
        id: ObjectId,
        name: String,
    },
    /// The job gets the schema of the file.
    SaveSchema {
        /// The job was only just created.
        new: bool,
    },
    State {
        to: State,
    },
}

impl Change {
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
            | Self::SetTarget
            | Self::CreateJob
            | Self::Interval { .. }
            | Self::Continuous { .. }
            | Self::Assign { .. }
            | Self::SaveSchema { .. }
            | Self::State { .. } => false,
        }
    }
}
