//! What a caller needs depends on the kind of the object.

use syncline_access::{Permission, permissions};
use syncline_model::{EntityKind, Problem};
use syncline_store::{Reader, Stored};

use crate::Call;
use crate::actions::decisive;
use crate::actions::groups::role_assignable;
use crate::actions::users::privileged;

pub(super) fn to_read(kind: EntityKind) -> &'static Permission {
    match kind {
        EntityKind::User => &permissions::DELETED_USERS_READ,
        EntityKind::Group => &permissions::DELETED_GROUPS_READ,
        _ => &permissions::DELETED_APPLICATIONS_READ,
    }
}

/// 403 when the caller may not restore this object or delete it for good. The bin keeps roles and
/// permissions, so what guards a live object guards it here as well.
pub(super) fn check_write(
    call: &Call<'_>,
    reader: &Reader<'_>,
    found: &Stored,
) -> Result<(), Problem> {
    call.authorize(to_write(found.entry.kind))?;
    match found.entry.kind {
        EntityKind::User => privileged::check_delete(call, reader, found.entry.id),
        EntityKind::Group => role_assignable::check(call, found),
        _ => decisive::check(call, reader, found),
    }
}

fn to_write(kind: EntityKind) -> &'static Permission {
    match kind {
        EntityKind::User => &permissions::USERS_DELETE_RESTORE,
        EntityKind::Group => &permissions::GROUPS_WRITE,
        _ => &permissions::APPLICATIONS_WRITE,
    }
}
