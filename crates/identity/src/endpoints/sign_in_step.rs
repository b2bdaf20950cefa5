//! The sign-in form, wherever it appears.

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
    let status = if error.is_some() { 401 } else { 200 };
    let message = error.map(Refusal::message);
    browser.keep(Reply::page(
        status,
        &Page::sign_in(&browser.form_seal(), user_name, message.as_deref(), hidden),
    ))
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
    match identity.access.sign_in(tenant, user_name, password) {
        Ok(who) => {
            browser.sign_in(identity, who)?;
            Ok(Ok(()))
        }
        Err(refusal @ Refusal::Internal(_)) => Err(refusal),
        Err(refusal) => Ok(Err(form(browser, user_name, Some(&refusal), hidden))),
    }
}
