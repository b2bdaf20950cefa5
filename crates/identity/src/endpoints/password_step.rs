//! The page on which a user chooses a new password, wherever it appears: between a right password that
//! is to be changed and the session.

use http::header::RETRY_AFTER;
use syncline_access::passwords::NotTaken;
use syncline_access::{Refusal, RightPassword, SignedIn};
use syncline_model::TenantId;

use crate::Identity;
use crate::asked::Asked;
use crate::browser::Browser;
use crate::pages::{PASSWORD_STEP, Page};
use crate::reply::Reply;
use crate::tickets::password_step;

const DIFFERENT: &str =
    "The two passwords are not the same. Type the new one twice, the same both times.";
const TOO_SIMPLE: &str = "This password is too simple or too long. Take 8 to 256 characters, of at least three of these: small letters, capital letters, digits, other characters.";
const SAME: &str = "This is the password with which you just signed in. Choose another one.";

/// The page, for who has typed the right password.
pub(super) fn begin(
    identity: &Identity,
    browser: &Browser,
    right: &RightPassword,
    user_name: &str,
    hidden: &[(&str, &str)],
) -> Result<Reply, Refusal> {
    let step = password_step::begin(identity, browser, right)?;
    Ok(page(browser, &step, user_name, None, hidden))
}

/// Takes what was chosen. Who chose is signed in by it; `Err` is the page again, with what was wrong.
///
/// # Errors
/// [`Refusal::PasswordStepEnded`] when the user has to sign in anew.
pub(super) fn check(
    identity: &Identity,
    asked: &Asked,
    tenant: Option<TenantId>,
    browser: &Browser,
    hidden: &[(&str, &str)],
) -> Result<Result<RightPassword, Reply>, Refusal> {
    let _signing_in = identity.access.begin_signing_in(asked.peer)?;
    let text = asked.form.get(PASSWORD_STEP).unwrap_or_default();
    let step = password_step::count(identity, browser, text)?;
    if tenant.is_some_and(|tenant| tenant != step.who.tenant) {
        return Err(Refusal::PasswordStepEnded);
    }
    let again = |wrong: Wrong| {
        let user_name = &step.user_name;
        Ok(Err(page(browser, text, user_name, Some(&wrong), hidden)))
    };
    let chosen = asked.form.get("new_password").unwrap_or_default();
    if chosen != asked.form.get("new_password_again").unwrap_or_default() {
        return again(Wrong::Text(DIFFERENT));
    }
    let SignedIn { tenant, user } = step.who;
    let hashed = match identity.access.hash_chosen_password(tenant, user, chosen) {
        Ok(hashed) => hashed,
        Err(NotTaken::TooSimple) => return again(Wrong::Text(TOO_SIMPLE)),
        Err(NotTaken::Same) => return again(Wrong::Text(SAME)),
        Err(NotTaken::Busy(busy)) => return again(Wrong::Busy(busy.into())),
        Err(NotTaken::Failed(problem)) => return Err(problem.into()),
    };
    let signed_in_at = password_step::finish(identity, browser, text, &hashed)?;
    Ok(Ok(RightPassword {
        who: step.who,
        to_be_changed: false,
        generation: hashed.generation(),
        signed_in_at,
    }))
}

/// What is told on the page.
enum Wrong {
    Text(&'static str),
    /// There is no place to hash a password at.
    Busy(Refusal),
}

fn page(
    browser: &Browser,
    step: &str,
    user_name: &str,
    wrong: Option<&Wrong>,
    hidden: &[(&str, &str)],
) -> Reply {
    let (status, message) = match wrong {
        None => (200, None),
        Some(Wrong::Text(text)) => (400, Some((*text).to_owned())),
        Some(Wrong::Busy(busy)) => (busy.status(), Some(busy.message())),
    };
    let seal = browser.form_seal();
    let page = Page::new_password(&seal, step, user_name, message.as_deref(), hidden);
    let reply = Reply::page(status, &page);
    browser.keep(match wrong {
        Some(Wrong::Busy(busy)) => match busy.retry_after() {
            Some(seconds) => reply.with(RETRY_AFTER, &seconds),
            None => reply,
        },
        _ => reply,
    })
}
