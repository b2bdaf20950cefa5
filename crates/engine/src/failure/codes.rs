//! Every error code a provisioning log of ours can show, with what to do about it. Codes are
//! Entra's; the words are ours.

/// `provisioningStatusErrorCategory`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// The service or a connected system is at fault.
    Failure,
    /// Configuration or data is; an administrator can change it.
    NonServiceFailure,
}

/// A code, who has to act, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorCode {
    /// `errorCode` of the provisioning log.
    pub code: &'static str,
    pub category: Category,
    /// `recommendedAction`, where the object's own failure knows none that fits better.
    pub action: &'static str,
}

/// Codes of one matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorCodes {
    pub matter: &'static str,
    pub codes: &'static [ErrorCode],
}

const fn ours(code: &'static str, action: &'static str) -> ErrorCode {
    ErrorCode {
        code,
        category: Category::Failure,
        action,
    }
}

const fn yours(code: &'static str, action: &'static str) -> ErrorCode {
    ErrorCode {
        code,
        category: Category::NonServiceFailure,
        action,
    }
}

/// Every code, by matter.
pub const ERROR_CODES: &[ErrorCodes] = &[
    ErrorCodes {
        matter: "Skipped objects",
        codes: &[
            yours(
                "NotEffectivelyEntitled",
                "Assign the object to the configuration (or switch to Sync All), and see that the account is enabled and not deleted.",
            ),
            yours(
                "NotInProvisioningScope",
                "Change the scoping filter or the attributes it reads if the object should be synchronized.",
            ),
            yours(
                "ExternalUser",
                "External users are synchronized from their home tenant only; nothing to do here.",
            ),
            yours(
                "InternalGuest",
                "Internal guests are not synchronized; set userType to Member if the user is a member.",
            ),
            yours(
                "EntityTypeNotSupported",
                "Enable the object mapping of this type in the schema if such objects should be synchronized.",
            ),
            yours(
                "ActionDisabled",
                "Add the action to flowTypes of the object mapping if it should be carried out.",
            ),
            yours(
                "ImportSkipped",
                "Give the object a value for a matching attribute.",
            ),
            yours(
                "LeftAlone",
                "Nothing to do if the target object should stay as it is; otherwise change the input or category filters of the object mapping.",
            ),
            yours(
                "HandedOver",
                "Nothing to do: another job keeps the target object in step.",
            ),
            yours(
                "MembershipsHeld",
                "Let the removal through if it is meant, or bring back whom it is for. `syncline explain` with the user and the group says which one it is.",
            ),
            yours(
                "MembershipsLeft",
                "Wait for the next cycle, or see why the member is not in the target. `syncline explain` with the user and the group says what a membership waits for.",
            ),
            yours(
                "RedundantExport",
                "Nothing to do: source and target already match.",
            ),
            yours(
                "EntrySynchronizationSkipped",
                "Nothing to do if the object should stay in the target; otherwise delete it there.",
            ),
        ],
    },
    ErrorCodes {
        matter: "Matching",
        codes: &[
            yours(
                "DuplicateSourceEntries",
                "Give the two source objects different matching values. If the wrong one holds the target object, restart the job before its next cycle with `restart --scope Full`, so that everybody is matched anew.",
            ),
            yours(
                "DuplicateTargetEntries",
                "Remove or change the surplus target objects, so that one is left with this matching value.",
            ),
            yours(
                "InvalidAnchor",
                "The linked target object is gone; restart the job to match or create it again.",
            ),
        ],
    },
    ErrorCodes {
        matter: "Values",
        codes: &[
            yours(
                "AttributeValidationFailed",
                "Correct the mapping's expression, or the source value it reads.",
            ),
            yours(
                "MandatoryFieldsMissing",
                "Fill the missing values in the source, or map a constant or a default.",
            ),
            yours(
                "MissingValues",
                "Fill the missing values in the source, or map a constant or a default.",
            ),
            yours(
                "SchemaAttributeNotFound",
                "Remove the mapping, or add the attribute to the target's schema.",
            ),
            yours(
                "SchemaPropertyCanOnlyAcceptValue",
                "Map an expression that yields one value.",
            ),
            yours(
                "InvalidDomain",
                "Use a domain that is verified in the target.",
            ),
            yours(
                "AzureActiveDirectoryInvalidUserPrincipalName",
                "Correct the userPrincipalName in the source, or its mapping.",
            ),
            yours(
                "UnprocessableEntity",
                "The target refuses a value; correct it in the source or in its mapping.",
            ),
        ],
    },
    ErrorCodes {
        matter: "Conflicts in the target",
        codes: &[
            yours(
                "Conflict",
                "Another target object has this unique value; change one of the two, or delete the other object.",
            ),
            yours(
                "EntryConflict",
                "Another target object has this unique value; change one of the two, or delete the other object.",
            ),
        ],
    },
    ErrorCodes {
        matter: "Permission and policy",
        codes: &[
            yours(
                "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure",
                "Allow inbound synchronization in the target and automatic redemption in both tenants, and block B2B collaboration in neither.",
            ),
            yours(
                "AzureDirectoryB2BManagementPolicyCheckFailure",
                "Allow inbound synchronization in the target and automatic redemption in both tenants, and block B2B collaboration in neither.",
            ),
            yours(
                "AzureActiveDirectoryForbidden",
                "Allow guest invitations in the target tenant.",
            ),
            yours(
                "AzureActiveDirectoryInsufficientRights",
                "The target user holds an administrator role; remove it there first.",
            ),
            yours(
                "AzureActiveDirectoryTokenExpired",
                "Enable synchronization across clouds in the target tenant.",
            ),
            yours(
                "ExternalTenantNotFound",
                "Check the target tenant's id in the configuration.",
            ),
            yours(
                "InsufficientRights",
                "Grant the configuration the rights it lacks in the target.",
            ),
            yours(
                "NotPermitted",
                "Grant the configuration the rights it lacks in the target.",
            ),
            yours(
                "MethodNotAllowed",
                "The target does not allow this operation; switch the action off or allow it there.",
            ),
            yours("Unauthorized", "Check the stored credentials of the job."),
        ],
    },
    ErrorCodes {
        matter: "Objects and attributes that others manage",
        codes: &[
            yours(
                "AzureActiveDirectoryCannotUpdateObjectsOriginatedInExternalService",
                "The attribute is managed by another service in the target; change it there, or remove its mapping.",
            ),
            yours(
                "AzureActiveDirectoryCannotUpdateObjectsMasteredOnPremises",
                "The target object is synchronized from on-premises; change it there.",
            ),
        ],
    },
    ErrorCodes {
        matter: "Invitations",
        codes: &[
            yours(
                "InvitationCreationFailure",
                "See the reason; correct the source user, or the target's invitation settings.",
            ),
            yours(
                "InvitationCreationFailureAmbiguousUser",
                "An internal user of the target has this mail address; remove it there.",
            ),
            yours(
                "InvitationCreationFailureInvalidPropertyValue",
                "Correct the user's mail address and userType.",
            ),
            yours(
                "InvitationCreationFailureUserAccountDisabled",
                "Enable the user's account in the target.",
            ),
        ],
    },
    ErrorCodes {
        matter: "Limits of the target",
        codes: &[
            yours(
                "AzureActiveDirectoryQuotaLimitExceeded",
                "Raise the directory's object quota in the target, or delete unused objects.",
            ),
            yours("LicenseLimitExceeded", "Add licences in the target."),
            ours(
                "TooManyRequests",
                "Nothing to do: tried again when the target takes requests.",
            ),
        ],
    },
    ErrorCodes {
        matter: "References",
        codes: &[yours(
            "UnableToResolveReferenceAttributeValue",
            "Bring the object referred to into scope; the reference is set as soon as it is in the target.",
        )],
    },
    ErrorCodes {
        matter: "The service and the connection",
        codes: &[
            ours(
                "InternalServerError",
                "Nothing to do: tried again in the next cycle. Look at the target's health if it stays.",
            ),
            ours(
                "InternalError",
                "Nothing to do: tried again in the next cycle. Look at the server's log if it stays.",
            ),
            ours(
                "Timeout",
                "Nothing to do: tried again in the next cycle. Look at the target's health if it stays.",
            ),
            ours(
                "WebExceptionProtocolError",
                "Nothing to do: tried again in the next cycle. Check the connection if it stays.",
            ),
            ours(
                "NotImplemented",
                "The target answered in a way that is not understood; check its version.",
            ),
        ],
    },
];

fn row(code: &str) -> Option<&'static ErrorCode> {
    let mut rows = ERROR_CODES.iter().flat_map(|it| it.codes);
    rows.find(|row| row.code == code)
}

/// What an administrator should do.
pub fn recommended_action(code: &str) -> &'static str {
    row(code).map_or("See the reason.", |row| row.action)
}

/// Who has to act.
pub fn category(code: &str) -> Category {
    row(code).map_or(Category::Failure, |row| row.category)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SkipReason;

    #[test]
    fn every_code_stands_once_and_says_what_to_do() {
        let rows: Vec<&ErrorCode> = ERROR_CODES.iter().flat_map(|it| it.codes).collect();
        for (at, row) in rows.iter().enumerate() {
            assert!(row.action.ends_with('.'), "{}", row.code);
            assert!(
                rows[..at].iter().all(|earlier| earlier.code != row.code),
                "{} twice",
                row.code
            );
        }
    }

    /// Nobody is to look for an outage because somebody was left out on purpose.
    #[test]
    fn every_skip_has_its_advice_and_is_no_fault_of_the_service() {
        for reason in SkipReason::ALL {
            let row = row(reason.code()).unwrap_or_else(|| panic!("{reason:?} has no row"));
            assert_eq!(row.category, Category::NonServiceFailure, "{reason:?}");
        }
    }
}
