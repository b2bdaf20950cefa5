//! `passwordProfile` in bodies: the password goes to the store of hashes and nowhere else.

use syncline_model::{Attr, Problem, Value};

use crate::wire::entity_in::Changes;

/// Takes the profile out of what the body sets, and gives its password.
///
/// # Errors
/// 400 when a profile is sent without a password: it could only be about flags of a password that
/// is not being set.
pub fn take(changes: &mut Changes) -> Result<Option<String>, Problem> {
    let Some(at) = changes
        .iter()
        .position(|(attr, _)| *attr == Attr::PASSWORD_PROFILE)
    else {
        return Ok(None);
    };
    let (_, profile) = changes.swap_remove(at);
    match profile.as_ref().and_then(|it| it.member("password")) {
        Some(Value::Text(password)) => Ok(Some(password.to_string())),
        _ => Err(Problem::invalid_value("passwordProfile", "User")),
    }
}
