//! Whoever could take over an administrator's account would be an administrator: changing what
//! identifies or locks out a holder of a directory role, or who is in a group for roles, asks for the
//! permission to manage roles.

use syncline_access::{permissions, roles};
use syncline_model::{Attr, ObjectId, Problem};
use syncline_store::Reader;

use crate::Call;

/// What makes an account one's own, or useless.
const SENSITIVE: [Attr; 6] = [
    Attr::ACCOUNT_ENABLED,
    Attr::PASSWORD_PROFILE,
    Attr::USER_PRINCIPAL_NAME,
    Attr::MAIL,
    Attr::MOBILE_PHONE,
    Attr::OTHER_MAILS,
];

/// 403 for a change of a sensitive attribute of an administrator. Everybody may change his own.
pub fn check_update(
    call: &Call<'_>,
    reader: &Reader<'_>,
    user: ObjectId,
    attrs: impl IntoIterator<Item = Attr>,
) -> Result<(), Problem> {
    let sensitive = attrs.into_iter().any(|attr| SENSITIVE.contains(&attr));
    if sensitive {
        check_delete(call, reader, user)
    } else {
        Ok(())
    }
}

/// 403 for deleting an administrator, or for what becomes of one in the recycle bin.
pub fn check_delete(call: &Call<'_>, reader: &Reader<'_>, user: ObjectId) -> Result<(), Problem> {
    if call.signed_in_user() == Some(user) || !roles::is_privileged(reader, call.tenant(), user)? {
        return Ok(());
    }
    call.authorize(&permissions::ROLES_WRITE)
}
