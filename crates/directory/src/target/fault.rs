//! What an operation fails with. Codes are those of the provisioning log.

use syncline_engine::{Fault, FaultKind};
use syncline_model::{EntityKind, ObjectId, Problem, ProblemKind};
use syncline_store::KeyName;

use super::page::Whose;
use crate::unique::Taken;

pub(super) use crate::source::broken;

fn permanent(kind: FaultKind, code: &str, message: String) -> Fault {
    Fault {
        kind,
        code: code.to_owned(),
        message,
        action: None,
        transient: false,
    }
}

/// The store answered, but not with what must be there.
pub(super) fn inconsistent(message: impl Into<String>) -> Fault {
    let code = "InternalError";
    of_problem(Problem::new(ProblemKind::Internal, code, message))
}

/// The target can not be asked: nobody's fault but ours, and worth another try. The code stays: it tells a store that is
/// busy, or away.
pub(super) fn of_problem(problem: Problem) -> Fault {
    Fault {
        kind: FaultKind::Unavailable,
        code: problem.code.into_owned(),
        message: problem.message,
        action: None,
        transient: true,
    }
}

/// What was drafted ahead was drafted for another state of the tenant.
pub(super) fn outdated() -> Fault {
    Fault {
        kind: FaultKind::Conflict,
        code: "Conflict".to_owned(),
        message: "The target tenant was changed meanwhile; the object is created when it is looked at again."
            .to_owned(),
        action: Some("Nothing to do: tried again by itself."),
        transient: true,
    }
}

/// The linked object is gone.
pub(super) fn gone(id: ObjectId) -> Fault {
    permanent(
        FaultKind::NotFound,
        "InvalidAnchor",
        format!(
            "The target object {id} does not exist any more. Restart the job to match or create it again."
        ),
    )
}

/// The linked object waits in the recycle bin.
pub(super) fn recycled(id: ObjectId) -> Fault {
    Fault {
        action: Some(
            "Restore the object in the target, or restart the job to match or create it again.",
        ),
        ..permanent(
            FaultKind::NotFound,
            "InvalidAnchor",
            format!("The target object {id} is in the recycle bin."),
        )
    }
}

/// The object is not one that this source synchronizes.
pub(super) fn not_ours(id: ObjectId) -> Fault {
    Fault {
        action: Some(
            "Restart the job with scope Full: it matches or creates an object of this source; the one named here stays as it is.",
        ),
        ..permanent(
            FaultKind::Forbidden,
            "NotPermitted",
            format!(
                "The target object {id} does not come from this source tenant, so it is not changed."
            ),
        )
    }
}

/// A value is refused.
pub(super) fn invalid(code: &str, message: String) -> Fault {
    permanent(FaultKind::Invalid, code, message)
}

/// An attribute that the target fills by itself.
pub(super) fn read_only(name: &str) -> Fault {
    invalid(
        "AzureActiveDirectoryCannotUpdateObjectsOriginatedInExternalService",
        format!("The attribute {name} is not writable in the target. Remove its mapping."),
    )
}

/// An attribute that the target takes when it creates the object, and never again.
pub(super) fn create_only(name: &str) -> Fault {
    invalid(
        "AzureActiveDirectoryCannotUpdateObjectsOriginatedInExternalService",
        format!(
            "The attribute {name} can be set in the target at creation only. Let its mapping flow at creation only (flowType ObjectAddOnly)."
        ),
    )
}

/// A unique value is taken. A holder that follows the same source, where these values are unique
/// too, is about to give it up (a name handed on, a leaver whose deletion comes at the end of the
/// cycle): worth another try soon. It is named, and no other is: the log that shows this is the source
/// tenant's, which has no business with the target's own people and those of other sources.
pub(super) fn taken(taken: &Taken, whose: Whose) -> Fault {
    let (kind, holder) = taken.holder;
    let internal = whose == Whose::Internal && kind == EntityKind::User;
    let value = &taken.key.value;
    let holder = if whose == Whose::OfThisSource {
        format!("the {} {holder}", kind.graph_name())
    } else {
        "another object".to_owned()
    };
    let (code, message) = match taken.key.name {
        KeyName::SourceAnchor => (
            "Conflict",
            format!(
                "It is created already: {holder} of the target tenant is for the same source object."
            ),
        ),
        KeyName::ProxyAddress if kind == EntityKind::Group => (
            "InvitationCreationFailureInvalidPropertyValue",
            format!("The mail address {value} is taken in the target tenant by a group."),
        ),
        KeyName::ProxyAddress if internal => (
            "InvitationCreationFailureAmbiguousUser",
            format!("The mail address {value} is taken in the target tenant by an internal user."),
        ),
        _ => (
            "Conflict",
            format!(
                "Another object with the same value for property {} already exists: {value} is taken in the target tenant by {holder}.",
                taken.property()
            ),
        ),
    };
    Fault {
        transient: whose == Whose::OfThisSource && taken.key.name != KeyName::SourceAnchor,
        ..permanent(FaultKind::Conflict, code, message)
    }
}
