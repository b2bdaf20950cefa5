//! What a caller needs depends on the kind of the object.

use syncline_access::{Permission, permissions};
use syncline_model::EntityKind;

pub(super) fn to_read(kind: EntityKind) -> &'static Permission {
    match kind {
        EntityKind::User => &permissions::DELETED_USERS_READ,
        EntityKind::Group => &permissions::DELETED_GROUPS_READ,
        _ => &permissions::DELETED_APPLICATIONS_READ,
    }
}

/// To restore, and to delete for good.
pub(super) fn to_write(kind: EntityKind) -> &'static Permission {
    match kind {
        EntityKind::User => &permissions::USERS_DELETE_RESTORE,
        EntityKind::Group => &permissions::GROUPS_WRITE,
        _ => &permissions::APPLICATIONS_WRITE,
    }
}
