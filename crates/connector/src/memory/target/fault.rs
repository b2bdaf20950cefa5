//! What an operation fails with. Codes are those of the provisioning log.

use syncline_engine::{Fault, FaultKind};
use syncline_model::{Attr, EntityKind, ObjectId};

fn permanent(kind: FaultKind, code: &str, message: String) -> Fault {
    Fault {
        kind,
        code: code.to_owned(),
        message,
        action: None,
        transient: false,
    }
}

/// The object is not there, or waits in the recycle bin.
pub(super) fn gone(id: ObjectId) -> Fault {
    permanent(
        FaultKind::NotFound,
        "InvalidAnchor",
        format!("there is no live target object {id}"),
    )
}

/// The object was made in the target itself.
pub(super) fn not_ours(id: ObjectId) -> Fault {
    permanent(
        FaultKind::Forbidden,
        "NotPermitted",
        format!("the target object {id} does not come from this source"),
    )
}

/// A create that could not be repeated safely.
pub(super) fn no_anchor() -> Fault {
    permanent(
        FaultKind::Invalid,
        "MissingValues",
        "the source anchor `alternativeSecurityIds` has no value".to_owned(),
    )
}

/// A unique value belongs to another object.
pub(super) fn taken(attr: Attr, holder: ObjectId) -> Fault {
    permanent(
        FaultKind::Conflict,
        "Conflict",
        format!("`{attr:?}` belongs to the target object {holder} already"),
    )
}

/// Such objects do not refer to each other like this.
pub(super) fn no_such_reference(kind: EntityKind, attr: Attr) -> Fault {
    permanent(
        FaultKind::Invalid,
        "SchemaAttributeNotFound",
        format!(
            "`{attr:?}` of a {} can not be this object",
            kind.graph_name()
        ),
    )
}
