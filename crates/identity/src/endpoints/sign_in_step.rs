//! The sign-in form, wherever it appears.

use http::header::RETRY_AFTER;
use syncline_access::Refusal;
use syncline_model::TenantId;

use super::password_step;
use crate::Identity;
use crate::asked::Asked;
use crate::browser::Browser;
use crate::pages::{PASSWORD_STEP, Page};
use crate::reply::Reply;

/// A sign-in form with these hidden fields.
pub(super) fn form(
    browser: &Browser,
    user_name: &str,
    error: Option<&Refusal>,
    hidden: &[(&str, &str)],
) -> Reply {
    let status = match error {
        None => 200,
        Some(busy) if busy.retry_after().is_some() => busy.status(),
        Some(_) => 401,
    };
    let message = error.map(Refusal::message);
    let reply = Reply::page(
        status,
        &Page::sign_in(&browser.form_seal(), user_name, message.as_deref(), hidden),
    );
    browser.keep(match error.and_then(Refusal::retry_after) {
        Some(seconds) => reply.with(RETRY_AFTER, &seconds),
        None => reply,
    })
}

/// What a right password is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    GoOn,
    /// Another one is chosen, whether this one is to be changed or not.
    ChangePassword,
}

/// Whether the form that was sent is the sign-in form, or that of a new password.
pub(super) fn is_sent(asked: &Asked) -> bool {
    asked.form.get("password").is_some() || asked.form.get(PASSWORD_STEP).is_some()
}

/// Checks a sent form, and begins the session. `Err` is what to show before that: the form again, with
/// what was wrong, or the page on which to choose a new password.
pub(super) fn check(
    identity: &Identity,
    asked: &Asked,
    tenant: Option<TenantId>,
    browser: &mut Browser,
    hidden: &[(&str, &str)],
    then: Then,
) -> Result<Result<(), Reply>, Refusal> {
    let user_name = asked.form.get("username").unwrap_or_default();
    let checked = if asked.form.get(PASSWORD_STEP).is_some() {
        password_step::check(identity, asked, tenant, browser, hidden)
    } else {
        let password = asked.form.get("password").unwrap_or_default();
        let access = &identity.access;
        match access.check_password(asked.peer, tenant, user_name, password) {
            Ok(right) if right.to_be_changed || then == Then::ChangePassword => {
                password_step::begin(identity, browser, &right, user_name, hidden).map(Err)
            }
            Ok(right) => Ok(Ok(right)),
            Err(refusal) => Err(refusal),
        }
    };
    match checked {
        Ok(Ok(right)) => {
            // Who only changes a password is told to sign in with it.
            if then == Then::GoOn {
                browser.sign_in(identity, &right)?;
            }
            Ok(Ok(()))
        }
        Ok(Err(page)) => Ok(Err(page)),
        Err(refusal @ Refusal::Internal(_)) => Err(refusal),
        Err(refusal) => Ok(Err(form(browser, user_name, Some(&refusal), hidden))),
    }
}
