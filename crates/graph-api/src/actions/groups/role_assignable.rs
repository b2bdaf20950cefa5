//! Groups that may hold directory roles: whoever is in one may hold the role too, so making one or
//! changing who is in it asks for the permission to manage roles.

use syncline_access::permissions;
use syncline_model::{Attr, Attrs, Problem};
use syncline_store::Stored;

use crate::Call;

/// 403 for making such a group.
pub fn check_create(call: &Call<'_>, attrs: &Attrs) -> Result<(), Problem> {
    if attrs.bool(Attr::IS_ASSIGNABLE_TO_ROLE) == Some(true) {
        call.authorize(&permissions::ROLES_WRITE)
    } else {
        Ok(())
    }
}

/// 403 for changing, filling, deleting or restoring such a group.
pub fn check(call: &Call<'_>, group: &Stored) -> Result<(), Problem> {
    check_create(call, &group.entry.attrs)
}
