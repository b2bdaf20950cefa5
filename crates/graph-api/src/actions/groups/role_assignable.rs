//! Groups that may hold directory roles: whoever is in one may hold the role too, so making one or
//! changing who is in it asks for the permission to manage roles.

use syncline_access::permissions;
use syncline_model::{Attrs, EntityKind, Problem, is_role_assignable};
use syncline_store::Stored;

use crate::Call;

/// 403 for making such a group.
pub fn check_create(call: &Call<'_>, attrs: &Attrs) -> Result<(), Problem> {
    if is_role_assignable(attrs) {
        call.authorize(&permissions::ROLES_WRITE)
    } else {
        Ok(())
    }
}

/// 403 for changing, filling, deleting or restoring such a group.
pub fn check(call: &Call<'_>, group: &Stored) -> Result<(), Problem> {
    check_create(call, &group.entry.attrs)
}

/// 400 for a role to a group that may not hold one: who is in it is not watched over.
pub fn check_holder(principal: &Stored) -> Result<(), Problem> {
    let entry = &principal.entry;
    if entry.kind == EntityKind::Group && !is_role_assignable(&entry.attrs) {
        return Err(Problem::bad_request(format!(
            "The group '{}' can not hold a role: it was made without 'isAssignableToRole', which can not be changed. Create a group with \"isAssignableToRole\": true, or give the role to people.",
            entry.id
        )));
    }
    Ok(())
}
