//! `passwordProfile` in bodies: the password goes to the store of hashes and nowhere else.

use syncline_model::{Attr, Entry, ObjectId, Problem, Value, b2b};

use crate::Call;
use crate::wire::entity_in::Changes;

const TO_BE_CHANGED: &str = "forceChangePasswordNextSignIn";
const TO_BE_CHANGED_WITH_MFA: &str = "forceChangePasswordNextSignInWithMfa";

/// What a profile asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Profile {
    /// Another password; whether it is temporary.
    Password {
        password: String,
        to_be_changed: bool,
    },
    /// Whether the present password is to be changed.
    ToBeChanged(bool),
}

/// 403 for one's own password, whoever one is: whoever found a token would own the account. It is changed
/// by who knows it.
pub fn check_not_own(call: &Call<'_>, user: ObjectId, touched: &[Attr]) -> Result<(), Problem> {
    if call.signed_in_user() != Some(user) || !touched.contains(&Attr::PASSWORD_PROFILE) {
        return Ok(());
    }
    Err(Problem {
        message: "Your own password is not changed by an update of yourself. Send POST /me/changePassword with 'currentPassword' and 'newPassword'.".to_owned(),
        ..Problem::denied()
    })
}

/// 400 for a password of an external user, who signs in at home: with one of this tenant's they would go on signing
/// in whatever becomes of them there, and whatever the two tenants' policies say by then.
pub fn check_signs_in_here(user: &Entry, touched: &[Attr]) -> Result<(), Problem> {
    if !b2b::is_external(user) || !touched.contains(&Attr::PASSWORD_PROFILE) {
        return Ok(());
    }
    let message = "The user is an external one, who signs in at home and has no password here. Leave 'passwordProfile' out.";
    Err(Problem::bad_request(message).with_detail("InvalidValue", message, Some("passwordProfile")))
}

/// Takes the profile out of what the body sets.
///
/// # Errors
/// 400 when the profile has neither a password nor a flag, and when a second factor is asked for: there is
/// none, and whoever found the password would be let in where its setter thinks that nobody is.
pub fn take(changes: &mut Changes) -> Result<Option<Profile>, Problem> {
    let Some(at) = changes
        .iter()
        .position(|(attr, _)| *attr == Attr::PASSWORD_PROFILE)
    else {
        return Ok(None);
    };
    let (_, profile) = changes.swap_remove(at);
    let member = |name: &str| profile.as_ref().and_then(|it| it.member(name));
    let flag = |name: &str| match member(name) {
        Some(Value::Bool(flag)) => Some(*flag),
        _ => None,
    };
    if flag(TO_BE_CHANGED_WITH_MFA) == Some(true) {
        let message = format!(
            "There is no multifactor authentication here: '{TO_BE_CHANGED_WITH_MFA}' can only be false. Send '{TO_BE_CHANGED}' to have the password changed at the next sign-in without it."
        );
        return Err(Problem::bad_request(message.clone()).with_detail(
            "InvalidValue",
            message,
            Some(&format!("passwordProfile/{TO_BE_CHANGED_WITH_MFA}")),
        ));
    }
    let to_be_changed = flag(TO_BE_CHANGED);
    match member("password") {
        Some(Value::Text(password)) => Ok(Some(Profile::Password {
            password: password.to_string(),
            to_be_changed: to_be_changed.unwrap_or(false),
        })),
        None if to_be_changed.is_some() => Ok(to_be_changed.map(Profile::ToBeChanged)),
        None if [TO_BE_CHANGED, TO_BE_CHANGED_WITH_MFA]
            .into_iter()
            .any(|it| member(it).is_some()) =>
        {
            Ok(None)
        }
        _ => Err(Problem::invalid_value("passwordProfile", "User")),
    }
}
