//! `GET /{tenant}/oauth2/v2.0/logout`: ends the browser's session.

use syncline_access::{Client, Refusal};

use crate::asked::Asked;
use crate::browser::Browser;
use crate::pages::Page;
use crate::reply::Reply;
use crate::{Identity, tenant_name};

pub(crate) fn get(identity: &Identity, asked: &Asked) -> Reply {
    answer(identity, asked)
        .unwrap_or_else(|refusal| Reply::page(refusal.status(), &Page::refused(&refusal)))
}

fn answer(identity: &Identity, asked: &Asked) -> Result<Reply, Refusal> {
    let named = tenant_name::resolve(identity, &asked.tenant)?.map(|tenant| tenant.id);
    let mut browser = Browser::of(identity, asked, named)?;
    let tenant = named.or_else(|| browser.session().map(|session| session.tenant));
    browser.sign_out(identity)?;
    // Only to an address that the named client registered: else anybody could use us to send people
    // anywhere.
    let query = &asked.query;
    if let (Some(tenant), Some(client_id), Some(to)) = (
        tenant,
        query.get("client_id"),
        query.get("post_logout_redirect_uri"),
    ) {
        let client = identity
            .store
            .read(|reader| Client::find(reader, tenant, client_id))?;
        client.redirect_kind(to)?;
        let state = [("state", query.get("state").unwrap_or_default())];
        let to = match state[0].1 {
            "" => to.to_owned(),
            _ => super::redirect::address(to, super::redirect::ResponseMode::Query, &state),
        };
        return Ok(browser.forget(Reply::redirect(&to)));
    }
    Ok(browser.forget(Reply::page(
        200,
        &Page::message("You signed out", "You can close this window."),
    )))
}
