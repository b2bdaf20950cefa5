//! `passwordProfile` in bodies: the password goes to the store of hashes and nowhere else.

use syncline_model::{Attr, Problem, Value};

use crate::wire::entity_in::Changes;

/// Flags that ask the person for another password at the next sign-in.
const CHANGE_FLAGS: [&str; 2] = [
    "forceChangePasswordNextSignIn",
    "forceChangePasswordNextSignInWithMfa",
];

/// Takes the profile out of what the body sets, and gives its password, if there is one.
///
/// # Errors
/// 400 when the profile has neither a password nor a flag, and when a flag is true: the sign-in pages
/// can not change passwords, and one that was meant to be temporary would be good for ever.
pub fn take(changes: &mut Changes) -> Result<Option<String>, Problem> {
    let Some(at) = changes
        .iter()
        .position(|(attr, _)| *attr == Attr::PASSWORD_PROFILE)
    else {
        return Ok(None);
    };
    let (_, profile) = changes.swap_remove(at);
    let member = |name: &str| profile.as_ref().and_then(|it| it.member(name));
    if let Some(flag) = CHANGE_FLAGS
        .into_iter()
        .find(|flag| member(flag) == Some(&Value::Bool(true)))
    {
        let message = format!(
            "Passwords are not changed at sign-in here: '{flag}' can only be false. Leave it out, and set a password that may stay."
        );
        return Err(Problem::bad_request(message.clone()).with_detail(
            "InvalidValue",
            message,
            Some(&format!("passwordProfile/{flag}")),
        ));
    }
    match member("password") {
        Some(Value::Text(password)) => Ok(Some(password.to_string())),
        None if CHANGE_FLAGS.into_iter().any(|it| member(it).is_some()) => Ok(None),
        _ => Err(Problem::invalid_value("passwordProfile", "User")),
    }
}
