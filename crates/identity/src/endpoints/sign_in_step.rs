//! The sign-in form, wherever it appears.

use http::header::RETRY_AFTER;
use syncline_access::Refusal;
use syncline_model::TenantId;

use crate::Identity;
use crate::asked::Asked;
use crate::browser::Browser;
use crate::pages::Page;
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

/// Checks a sent form. `Err` is the form again, with what was wrong.
pub(super) fn check(
    identity: &Identity,
    asked: &Asked,
    tenant: Option<TenantId>,
    browser: &mut Browser,
    hidden: &[(&str, &str)],
) -> Result<Result<(), Reply>, Refusal> {
    let user_name = asked.form.get("username").unwrap_or_default();
    let password = asked.form.get("password").unwrap_or_default();
    match identity
        .access
        .sign_in(asked.peer, tenant, user_name, password)
    {
        Ok(who) => {
            browser.sign_in(identity, who)?;
            Ok(Ok(()))
        }
        Err(refusal @ Refusal::Internal(_)) => Err(refusal),
        Err(refusal) => Ok(Err(form(browser, user_name, Some(&refusal), hidden))),
    }
}
