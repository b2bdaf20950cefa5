//! Who is signed in with an account of a tenant that does not know the client.

use syncline_access::{Client, Refusal};
use syncline_model::TenantId;

use crate::Identity;
use crate::browser::Browser;
use crate::pages::Page;
use crate::reply::Reply;
use crate::tickets::session::Session;

/// Why a session is none for this client: the path names no tenant, and that of the session does not know it. There may
/// be another account with which it goes on, so whoever brings the session is asked for that one; who has just signed
/// in is told ([`told`]).
///
/// # Errors
/// Whatever else is wrong with the client there.
pub(super) fn refusal(
    identity: &Identity,
    named: Option<TenantId>,
    session: &Session,
    client_id: &str,
) -> Result<Option<Refusal>, Refusal> {
    if named.is_some() {
        return Ok(None);
    }
    let tenant = session.tenant;
    let found = identity
        .store
        .read(|reader| Client::find(reader, tenant, client_id));
    match found {
        Ok(_) => Ok(None),
        Err(unknown @ Refusal::ClientNotFound(..)) => Ok(Some(unknown)),
        Err(other) => Err(other),
    }
}

/// An answer to who has perhaps just signed in (`signs_in`): a refusal is told with the new session, for which the one
/// before has ended.
pub(super) fn behind_sign_in(
    browser: &Browser,
    signs_in: bool,
    answer: Result<Reply, Refusal>,
) -> Result<Reply, Refusal> {
    match answer {
        Err(failed @ Refusal::Internal(_)) => Err(failed),
        Err(refusal) if signs_in => Ok(told(browser, &refusal)),
        answer => answer,
    }
}

/// Tells who has just signed in: the form again would say nothing.
pub(super) fn told(browser: &Browser, refusal: &Refusal) -> Reply {
    browser.keep(Reply::page(refusal.status(), &Page::refused(refusal)))
}
