//! `GET|POST /devicelogin`: the user types the code of a device, signs in and confirms.

use syncline_access::{Client, Refusal, RequestedScopes};

use super::consent_step::{self, ConsentStep};
use super::other_tenant;
use super::sign_in_step::{self, Then};
use crate::asked::Asked;
use crate::browser::Browser;
use crate::pages::Page;
use crate::reply::Reply;
use crate::tickets::device_code::{self, DeviceCode, DeviceState};
use crate::tickets::session::Session;
use crate::{Identity, tenant_name};

pub(crate) fn page(identity: &Identity, asked: &Asked) -> Reply {
    answer(identity, asked)
        .unwrap_or_else(|refusal| Reply::page(refusal.status(), &Page::refused(&refusal)))
}

fn answer(identity: &Identity, asked: &Asked) -> Result<Reply, Refusal> {
    let named = tenant_name::resolve(identity, &asked.tenant)?.map(|tenant| tenant.id);
    let browser = Browser::of(identity, asked, named)?;
    // The code is never taken from the address: a link that carries one is how such sign-ins are
    // phished.
    let typed = match asked.form.get("user_code") {
        Some(typed) if asked.is_post && browser.check_form(asked) => typed,
        _ => {
            return Ok(browser.keep(Reply::page(
                200,
                &Page::device_code(&browser.form_seal(), None),
            )));
        }
    };
    let code = match device_code::find_by_user_code(identity, typed) {
        Ok(code) => code,
        Err(Refusal::DeviceCodeInvalid) => {
            let message = Some(
                "That code did not work. Check it and try again; codes expire after 15 minutes.",
            );
            return Ok(browser.keep(Reply::page(
                400,
                &Page::device_code(&browser.form_seal(), message),
            )));
        }
        Err(other) => return Err(other),
    };
    // The session must be of the tenant the device asked for.
    let tenant = code.tenant.or(named);
    let mut browser = Browser::of(identity, asked, tenant)?;
    let hidden = [("user_code", typed)];
    let signs_in = sign_in_step::is_sent(asked);
    if signs_in
        && let Err(form) =
            sign_in_step::check(identity, asked, tenant, &mut browser, &hidden, Then::GoOn)?
    {
        return Ok(form);
    }
    let ask = || Ok(sign_in_step::form(&browser, "", None, &hidden));
    let session = match browser.session().cloned() {
        Some(session) if !asked.wants_another_account() => session,
        _ => return ask(),
    };
    let client_id = code.app_id.to_string();
    let answer = match other_tenant::refusal(identity, tenant, &session, &client_id) {
        Ok(Some(unknown)) if signs_in => Err(unknown),
        Ok(Some(_)) => ask(),
        Ok(None) => match confirm(identity, asked, &browser, &session, &code, typed) {
            // Signed out meanwhile, perhaps in another window.
            Err(Refusal::SignInRequired) => ask(),
            answer => answer,
        },
        Err(refusal) => Err(refusal),
    };
    other_tenant::behind_sign_in(&browser, signs_in, answer)
}

fn confirm(
    identity: &Identity,
    asked: &Asked,
    browser: &Browser,
    session: &Session,
    code: &DeviceCode,
    typed: &str,
) -> Result<Reply, Refusal> {
    let client = identity
        .store
        .read(|reader| Client::find(reader, session.tenant, &code.app_id.to_string()))?;
    if !client.is_public() {
        return Err(Refusal::ClientNotPublic(client.app_id.to_string()));
    }
    let scopes = RequestedScopes::parse(identity.access.audiences(), &code.scope)?;
    match asked.form.get("consent") {
        Some("accept") => {
            consent_step::accept(identity, asked, session, &client, &scopes, false)?;
        }
        Some(_) => {
            device_code::decide(identity, None, typed, DeviceState::Declined)?;
            return Ok(Reply::page(
                200,
                &Page::message("You declined", "You can close this window."),
            ));
        }
        None => {}
    }
    let accepted = asked.form.get("consent").is_some();
    let hidden = [("user_code", typed)];
    let ask = |scopes: &[String], for_all| {
        let deciding = consent_step::deciding(identity, browser, session, &client, &hidden)?;
        let page = Page::consent(&deciding, scopes, for_all);
        Ok(browser.keep(Reply::page(200, &page)))
    };
    match consent_step::decide(identity, session, &client, &scopes, false)? {
        ConsentStep::Nothing if accepted => {
            let state = DeviceState::Confirmed {
                tenant: session.tenant,
                user: session.user,
                signed_in_at: session.signed_in_at,
                password_generation: session.password_generation.clone(),
            };
            device_code::decide(identity, browser.session_secret(), typed, state)?;
            let text = format!(
                "You have signed in to {} on your device. You can close this window.",
                client.display_name()
            );
            Ok(browser.keep(Reply::page(200, &Page::message("You are signed in", &text))))
        }
        // Nothing to agree to, but the user confirms that it is his device that asks.
        ConsentStep::Nothing => ask(&[], false),
        ConsentStep::Ask { scopes, for_all } => ask(&scopes, for_all),
        ConsentStep::NeedsAdmin { scopes } => {
            let refusal =
                Refusal::AdminConsentRequired(client.app_id.to_string(), scopes.join(" "));
            let deciding = consent_step::deciding(identity, browser, session, &client, &hidden)?;
            let page = Page::needs_admin(&deciding, &scopes, &refusal, None);
            Ok(browser.keep(Reply::page(403, &page)))
        }
    }
}
