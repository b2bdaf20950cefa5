//! `GET /{tenant}/oauth2/v2.0/logout`: ends the browser's session, and goes back to the application
//! (OpenID Connect RP-Initiated Logout).

use syncline_access::{Client, Refusal};
use syncline_model::TenantId;

use super::redirect::{ResponseMode, address};
use crate::asked::Asked;
use crate::browser::Browser;
use crate::pages::Page;
use crate::reply::Reply;
use crate::tickets::session::Session;
use crate::{Identity, tenant_name};

pub(crate) fn get(identity: &Identity, asked: &Asked) -> Reply {
    answer(identity, asked)
        .unwrap_or_else(|refusal| Reply::page(refusal.status(), &Page::refused(&refusal)))
}

fn answer(identity: &Identity, asked: &Asked) -> Result<Reply, Refusal> {
    let named = tenant_name::resolve(identity, &asked.tenant)?.map(|tenant| tenant.id);
    let mut browser = Browser::of(identity, asked, named)?;
    let session = browser.session().cloned();
    browser.sign_out(identity)?;
    let query = &asked.query;
    if let Some(to) = query.get("post_logout_redirect_uri")
        && may_go_to(identity, asked, named, session.as_ref(), to)?
    {
        let to = match query.get("state") {
            Some(state) => address(to, ResponseMode::Query, &[("state", state)]),
            None => to.to_owned(),
        };
        return Ok(browser.forget(Reply::redirect(&to)));
    }
    Ok(browser.forget(Reply::page(
        200,
        &Page::message("You signed out", "You can close this window."),
    )))
}

/// Whether this is an address of the application that signs its user out: else anybody could use us to send people
/// anywhere. It says who it is (`client_id`, or an id token of ours), or is one of those that the session was for.
///
/// # Errors
/// The application that was named by its id has not registered the address.
fn may_go_to(
    identity: &Identity,
    asked: &Asked,
    named: Option<TenantId>,
    session: Option<&Session>,
    to: &str,
) -> Result<bool, Refusal> {
    let query = &asked.query;
    let registered = |tenant, client_id: &str| {
        identity
            .store
            .read(|reader| Client::find(reader, tenant, client_id))?
            .redirect_kind(to)
    };
    let tenant = named.or(session.map(|it| it.tenant));
    if let (Some(tenant), Some(client_id)) = (tenant, query.get("client_id")) {
        registered(tenant, client_id)?;
        return Ok(true);
    }
    if let Some(hint) = query.get("id_token_hint")
        && let Some((tenant, app_id)) = identity.access.client_of_id_token(hint)?
        && named.is_none_or(|named| named == tenant)
    {
        return is_registered(registered(tenant, &app_id.to_string()));
    }
    // MSAL for JavaScript says nothing unless it is told to.
    let Some(session) = session else {
        return Ok(false);
    };
    for app_id in &session.apps {
        if is_registered(registered(session.tenant, &app_id.to_string()))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Not where it is another application's address, or that application is gone.
fn is_registered<T>(found: Result<T, Refusal>) -> Result<bool, Refusal> {
    match found {
        Ok(_) => Ok(true),
        Err(failed @ Refusal::Internal(_)) => Err(failed),
        Err(_) => Ok(false),
    }
}
