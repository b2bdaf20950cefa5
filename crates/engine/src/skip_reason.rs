//! Why an object is left as it is.

use serde::{Deserialize, Serialize};

/// Why an object is skipped (`SkipReason` of the provisioning log).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SkipReason {
    /// Not assigned, without a role, disabled and never linked, or deleted and never linked.
    NotEffectivelyEntitled,
    /// A scoping filter does not pass.
    NotInProvisioningScope,
    /// External user: comes from another tenant itself.
    ExternalUser,
    /// Internal guest.
    InternalGuest,
    /// The object mapping is switched off, or there is none for this type.
    EntityTypeNotSupported,
    /// Create (or Update) is switched off in the target object actions.
    ActionDisabled,
    /// No value for the matching attribute.
    ImportSkipped,
    /// Nothing differs (on demand only; cycles count it as unchanged).
    RedundantExport,
    /// The category or input filters leave it out: its target object stays as it is.
    LeftAlone,
    /// Left this job's scope while another job keeps the target object in step.
    HandedOver,
    /// Of a group that matches: memberships of it wait for the end of a removal (on demand only).
    MembershipsHeld,
    /// Of a group that matches: memberships of it are not as in the source yet (on demand only).
    MembershipsLeft,
}

impl SkipReason {
    /// All of them; the test below does not compile when one is added, and fails while it is not here.
    pub const ALL: [Self; 12] = [
        Self::NotEffectivelyEntitled,
        Self::NotInProvisioningScope,
        Self::ExternalUser,
        Self::InternalGuest,
        Self::EntityTypeNotSupported,
        Self::ActionDisabled,
        Self::ImportSkipped,
        Self::RedundantExport,
        Self::LeftAlone,
        Self::HandedOver,
        Self::MembershipsHeld,
        Self::MembershipsLeft,
    ];

    /// Code and sentence of the log for an object that left the scope and keeps its target object.
    pub const RELEASED: (&str, &str) = (
        "EntrySynchronizationSkipped",
        "The object is no longer in scope; deletions are switched off, so the target object stays as it is.",
    );

    /// The text in logs and in `skippedByReason`.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotEffectivelyEntitled => "NotEffectivelyEntitled",
            Self::NotInProvisioningScope => "NotInProvisioningScope",
            Self::ExternalUser => "ExternalUser",
            Self::InternalGuest => "InternalGuest",
            Self::EntityTypeNotSupported => "EntityTypeNotSupported",
            Self::ActionDisabled => "ActionDisabled",
            Self::ImportSkipped => "ImportSkipped",
            Self::RedundantExport => "RedundantExport",
            Self::LeftAlone => "LeftAlone",
            Self::HandedOver => "HandedOver",
            Self::MembershipsHeld => "MembershipsHeld",
            Self::MembershipsLeft => "MembershipsLeft",
        }
    }

    /// What the log says about the object.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NotEffectivelyEntitled => {
                "The object is not assigned to the application, has no role of it, is disabled or is deleted."
            }
            Self::NotInProvisioningScope => "The object does not pass a scoping filter.",
            Self::ExternalUser => "The user is an external user of the source tenant.",
            Self::InternalGuest => "The user is an internal guest of the source tenant.",
            Self::EntityTypeNotSupported => "Objects of this type are not synchronized.",
            Self::ActionDisabled => "The action is switched off in the target object actions.",
            Self::ImportSkipped => "The object has no value for a matching attribute.",
            Self::LeftAlone => {
                "The object does not pass the input or category filters, so it is left alone: its target object stays as it is."
            }
            Self::HandedOver => {
                "The object is no longer in scope here; another job keeps its target object in step, so it stays."
            }
            Self::MembershipsHeld => {
                "The group itself already matches. Memberships of it wait for the end of a removal, of the group or of a member, that is held or still to be counted by a cycle."
            }
            Self::MembershipsLeft => {
                "The group itself already matches. Memberships of it are not as in the source yet: a member is not in the target, or they are left to a cycle."
            }
            Self::RedundantExport => {
                "The state of the object in both the source and target systems already matches; no change is needed."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SkipReason::{self, *};

    #[test]
    fn every_reason_stands_in_the_list() {
        for (at, reason) in SkipReason::ALL.into_iter().enumerate() {
            let place = match reason {
                NotEffectivelyEntitled => 0,
                NotInProvisioningScope => 1,
                ExternalUser => 2,
                InternalGuest => 3,
                EntityTypeNotSupported => 4,
                ActionDisabled => 5,
                ImportSkipped => 6,
                RedundantExport => 7,
                LeftAlone => 8,
                HandedOver => 9,
                MembershipsHeld => 10,
                MembershipsLeft => 11,
            };
            assert_eq!(place, at, "{reason:?}");
        }
    }
}
