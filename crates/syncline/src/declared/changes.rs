//! One thing that a file wants otherwise than it is.

use serde::{Deserialize, Serialize};
use syncline_model::{EntityKind, ObjectId};

use super::file::{Scope, State, Threshold};

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
    CreateJob,
    Scope {
        from: Scope,
        to: Scope,
    },
    AccidentalDeletionThreshold {
        from: String,
        to: String,
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
    pub fn removes(&self) -> bool {
        matches!(
            self,
            Self::UsersAllowed { to: false }
                | Self::GroupsAllowed { to: false }
                | Self::InboundRedemption { to: false }
                | Self::OutboundRedemption { to: false }
                | Self::Scope {
                    to: Scope::Assigned,
                    ..
                }
                | Self::Unassign { .. }
        )
    }

    pub fn threshold(from: Threshold, to: Threshold) -> Self {
        Self::AccidentalDeletionThreshold {
            from: from.to_string(),
            to: to.to_string(),
        }
    }
}
