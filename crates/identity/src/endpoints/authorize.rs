//! `GET|POST /{tenant}/oauth2/v2.0/authorize`: the user signs in, agrees, and goes back to the
//! client with a code.

use syncline_access::{Client, RedirectKind, Refusal, RequestedScopes, TokenVersion, consent};
use syncline_model::TenantId;

use super::consent_step::{self, ConsentStep};
use super::login_hint::LoginHint;
use super::max_age::MaxAge;
use super::other_tenant;
use super::prompt::Prompt;
use super::redirect::{ResponseMode, back};
use super::sign_in_step::{self, Then};
use crate::asked::Asked;
use crate::browser::Browser;
use crate::pages::Page;
use crate::reply::Reply;
use crate::tickets::authorization_code::{self, AuthorizationCode};
use crate::tickets::session::Session;
use crate::{Identity, tenant_name};

pub(crate) fn v2(identity: &Identity, asked: &Asked) -> Reply {
    reply(identity, asked, TokenVersion::V2)
}

pub(crate) fn v1(identity: &Identity, asked: &Asked) -> Reply {
    reply(identity, asked, TokenVersion::V1)
}

fn reply(identity: &Identity, asked: &Asked, version: TokenVersion) -> Reply {
    match authorize(identity, asked, version) {
        Ok(reply) => reply,
        Err(Failure::Page(refusal)) => Reply::page(refusal.status(), &Page::refused(&refusal)),
        Err(Failure::Redirect(to, refusal)) => to.refuse(&refusal),
    }
}

/// An error is told to the user, until it is certain that the address to send it to is the
/// client's.
enum Failure {
    Page(Refusal),
    Redirect(Box<ReturnAddress>, Refusal),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Page(refusal)
    }
}

/// A registered redirect URI, and what the client wants back with it.
#[derive(Clone)]
struct ReturnAddress {
    redirect_uri: String,
    mode: ResponseMode,
    state: String,
}

impl ReturnAddress {
    fn refuse(&self, refusal: &Refusal) -> Reply {
        let description = refusal.description();
        let parameters = [
            ("error", refusal.error()),
            ("error_description", description.as_str()),
            ("state", self.state.as_str()),
        ];
        back(&self.redirect_uri, self.mode, &parameters)
    }
}

fn authorize(identity: &Identity, asked: &Asked, version: TokenVersion) -> Result<Reply, Failure> {
    asked.query.check()?;
    let named = tenant_name::resolve(identity, &asked.tenant)?.map(|tenant| tenant.id);
    let mut browser = Browser::of(identity, asked, named)?;
    // With a tenant in the path the client is checked before anybody types a password; with
    // `common` its tenant is not known yet.
    if let Some(tenant) = named {
        Request::read(identity, asked, tenant, version)?;
    }
    let hint = LoginHint::of(&asked.query);
    let prompt = Prompt::of(&asked.query);
    let max_age = MaxAge::of(&asked.query)?;
    let sealed = !asked.is_post || browser.check_form(asked);
    if asked.is_post && sign_in_step::is_sent(asked) {
        if !sealed {
            // Cookies were off, or the form is an old one: the page again, with a seal that holds.
            return Ok(sign_in_step::form(&browser, hint.user_name(), None, &[]));
        }
        return match sign_in_step::check(identity, asked, named, &mut browser, &[], Then::GoOn)? {
            // The same question again, now with a session; a wish for a fresh sign-in is granted, however it was
            // worded, and who signed in is who is meant.
            Ok(()) => {
                if let Some(session) = browser.session() {
                    match is_of_other_tenant(identity, asked, named, session) {
                        Ok(None) => {}
                        Err(failed @ Refusal::Internal(_)) => return Err(failed.into()),
                        Ok(Some(refusal)) | Err(refusal) => {
                            return Ok(other_tenant::told(&browser, &refusal));
                        }
                    }
                }
                let left = prompt.after_sign_in();
                let granted = [LoginHint::NAME, MaxAge::NAME].map(|name| (name, ""));
                let changed = [granted.as_slice(), &[(Prompt::NAME, left.as_str())]].concat();
                let to = address_with(identity, asked, &changed);
                Ok(browser.keep(Reply::go_on(&to)))
            }
            Err(form) => Ok(form),
        };
    }
    if asked.wants_another_account() {
        return Ok(sign_in_step::form(&browser, "", None, &[]));
    }
    let asks_for_sign_in = !asked.is_post && prompt.wants_sign_in();
    let now = identity.clock.now();
    let is_fresh = |it: &&Session| !asks_for_sign_in && max_age.allows(it, now);
    let session = match browser.session().filter(is_fresh) {
        Some(session)
            if hint.allows(identity, named, session)?
                && is_of_other_tenant(identity, asked, named, session)?.is_none() =>
        {
            session.clone()
        }
        _ if prompt.forbids_pages() => {
            return Err(nobody_is_signed_in(identity, asked, named, version));
        }
        _ => return Ok(sign_in_step::form(&browser, hint.user_name(), None, &[])),
    };
    let request = Request::read(identity, asked, session.tenant, version)?;
    match request.decide(identity, asked, &browser, &session, prompt, sealed) {
        Ok(reply) => Ok(reply),
        // Signed out meanwhile, perhaps in another window: asked with what the browser brings now, which may be a session
        // that was begun there, or the page to sign in at.
        Err(Refusal::SignInRequired) if !prompt.forbids_pages() => {
            Ok(Reply::redirect(&address_with(identity, asked, &[])))
        }
        // As in Entra. Clients answer what they cannot mend by asking for the same again.
        Err(refusal @ Refusal::NotAssigned(..)) if !prompt.forbids_pages() => {
            Err(Failure::Page(refusal))
        }
        Err(refusal) => Err(Failure::Redirect(Box::new(request.address), refusal)),
    }
}

/// Where the same is asked again, with these parameters changed ([`crate::asked::Parameters::to_query_with`]).
fn address_with(identity: &Identity, asked: &Asked, changed: &[(&str, &str)]) -> String {
    let query = asked.query.to_query_with(changed);
    format!("{}{}?{query}", identity.access.public_url(), asked.path)
}

/// As [`other_tenant::refusal`] tells it. A request without a client is refused by whoever reads it.
fn is_of_other_tenant(
    identity: &Identity,
    asked: &Asked,
    named: Option<TenantId>,
    session: &Session,
) -> Result<Option<Refusal>, Refusal> {
    match asked.query.get("client_id") {
        Some(client_id) => other_tenant::refusal(identity, named, session, client_id),
        None => Ok(None),
    }
}

/// No page may ask for a password. The client learns it, where its address can be checked: in the tenant of
/// the path, or in the one in which it is registered.
fn nobody_is_signed_in(
    identity: &Identity,
    asked: &Asked,
    named: Option<TenantId>,
    version: TokenVersion,
) -> Failure {
    let read = || -> Result<Failure, Failure> {
        let home = match named {
            Some(tenant) => Some(tenant),
            None => {
                let client_id = asked.query.required("client_id")?;
                identity
                    .store
                    .read(|reader| Client::home(reader, client_id))?
            }
        };
        let Some(tenant) = home else {
            return Ok(Refusal::SignInRequired.into());
        };
        let address = Request::read(identity, asked, tenant, version)?.address;
        Ok(Failure::Redirect(
            Box::new(address),
            Refusal::SignInRequired,
        ))
    };
    read().unwrap_or_else(|failure| failure)
}

/// A checked authorization request.
struct Request {
    client: Client,
    address: ReturnAddress,
    scopes: RequestedScopes,
    challenge: Option<String>,
    nonce: Option<String>,
}

impl Request {
    fn read(
        identity: &Identity,
        asked: &Asked,
        tenant: TenantId,
        version: TokenVersion,
    ) -> Result<Self, Failure> {
        let query = &asked.query;
        let client_id = query.required("client_id")?;
        let client = identity
            .store
            .read(|reader| Client::find(reader, tenant, client_id))?;
        let redirect_uri = match query.get("redirect_uri").or_else(|| client.only_redirect()) {
            Some(uri) => uri.to_owned(),
            None => return Err(Refusal::ParameterMissing("redirect_uri".to_owned()).into()),
        };
        let kind = client.redirect_kind(&redirect_uri)?;

        // From here on the client learns what is wrong.
        let mode_name = query.get("response_mode").unwrap_or("query");
        let address = ReturnAddress {
            redirect_uri,
            mode: ResponseMode::named(mode_name).unwrap_or(ResponseMode::Query),
            state: query.get("state").unwrap_or_default().to_owned(),
        };
        match Self::read_wishes(identity, asked, kind, version) {
            Ok((scopes, challenge)) => {
                let nonce = query.get("nonce").map(str::to_owned);
                Ok(Self {
                    client,
                    address,
                    scopes,
                    challenge,
                    nonce,
                })
            }
            Err(refusal) => Err(Failure::Redirect(Box::new(address), refusal)),
        }
    }

    fn read_wishes(
        identity: &Identity,
        asked: &Asked,
        kind: RedirectKind,
        version: TokenVersion,
    ) -> Result<(RequestedScopes, Option<String>), Refusal> {
        let query = &asked.query;
        let mode = query.get("response_mode").unwrap_or("query");
        if ResponseMode::named(mode).is_none() {
            return Err(Refusal::ResponseModeUnsupported(mode.to_owned()));
        }
        match query.required("response_type")? {
            "code" => {}
            other => return Err(Refusal::ResponseTypeUnsupported(other.to_owned())),
        }
        let audiences = identity.access.audiences();
        let scopes = match (version, query.get("scope"), query.get("resource")) {
            (TokenVersion::V1, _, Some(resource)) => {
                RequestedScopes::of_resource(audiences, resource)?
            }
            (_, Some(scope), _) => RequestedScopes::parse(audiences, scope)?,
            _ => return Err(Refusal::ParameterMissing("scope".to_owned())),
        };
        consent::known_scopes(&scopes)?;
        MaxAge::of(query)?;
        let challenge = query.get("code_challenge").map(str::to_owned);
        match (
            query.get("code_challenge_method").unwrap_or("plain"),
            &challenge,
        ) {
            ("S256", Some(_)) => {}
            (_, None) if kind.is_public() => return Err(Refusal::ChallengeMissing),
            (_, None) => {}
            (method, Some(_)) => {
                return Err(Refusal::ChallengeMethodUnsupported(method.to_owned()));
            }
        }
        Ok((scopes, challenge))
    }

    /// A user is signed in: consent, then the code.
    fn decide(
        &self,
        identity: &Identity,
        asked: &Asked,
        browser: &Browser,
        session: &Session,
        prompt: Prompt<'_>,
        sealed: bool,
    ) -> Result<Reply, Refusal> {
        let mut again = prompt.wants_consent();
        if asked.is_post && sealed {
            match asked.form.get("consent") {
                Some("accept") => {
                    let (client, scopes) = (&self.client, &self.scopes);
                    // What was not on the page is asked for, with the rest.
                    again &=
                        !consent_step::accept(identity, asked, session, client, scopes, again)?;
                }
                Some(_) => return Err(Refusal::ConsentDeclined),
                None => {}
            }
        }
        let id = || self.client.app_id.to_string();
        let deciding = || consent_step::deciding(identity, browser, session, &self.client, &[]);
        match consent_step::decide(identity, session, &self.client, &self.scopes, again)? {
            ConsentStep::Nothing => self.return_code(identity, browser, session),
            ConsentStep::Ask { scopes, .. } | ConsentStep::NeedsAdmin { scopes }
                if prompt.forbids_pages() =>
            {
                Err(Refusal::ConsentRequired(id(), scopes.join(" ")))
            }
            ConsentStep::Ask { scopes, for_all } => {
                let page = Page::consent(&deciding()?, &scopes, for_all)
                    .leading_to(&self.address.redirect_uri);
                Ok(browser.keep(Reply::page(200, &page)))
            }
            ConsentStep::NeedsAdmin { scopes } => {
                let refusal = Refusal::AdminConsentRequired(id(), scopes.join(" "));
                let link = self.address_of_refusal(&refusal);
                let page = Page::needs_admin(&deciding()?, &scopes, &refusal, link.as_deref());
                Ok(browser.keep(Reply::page(403, &page)))
            }
        }
    }

    fn return_code(
        &self,
        identity: &Identity,
        browser: &Browser,
        session: &Session,
    ) -> Result<Reply, Refusal> {
        let now = identity.clock.now();
        let code = authorization_code::issue(
            identity,
            browser.session_secret(),
            &AuthorizationCode {
                tenant: session.tenant,
                app_id: self.client.app_id,
                user: session.user,
                redirect_uri: self.address.redirect_uri.clone(),
                scope: self.scopes.to_text(),
                challenge: self.challenge.clone(),
                nonce: self.nonce.clone(),
                signed_in_at: session.signed_in_at,
                password_generation: session.password_generation.clone(),
                expires_at: now.plus_seconds(identity.settings.authorization_code_lifetime_seconds),
                redeemed_for: None,
            },
        )?;
        let session_state = identity.ids.random_uuid().to_string();
        let parameters = [
            ("code", code.as_str()),
            ("state", self.address.state.as_str()),
            ("session_state", session_state.as_str()),
        ];
        Ok(back(
            &self.address.redirect_uri,
            self.address.mode,
            &parameters,
        ))
    }

    /// A link with which the user takes the refusal back to the client.
    fn address_of_refusal(&self, refusal: &Refusal) -> Option<String> {
        if self.address.mode == ResponseMode::FormPost {
            return None;
        }
        let description = refusal.description();
        let parameters = [
            ("error", refusal.error()),
            ("error_description", description.as_str()),
            ("state", self.address.state.as_str()),
        ];
        Some(super::redirect::address(
            &self.address.redirect_uri,
            self.address.mode,
            &parameters,
        ))
    }
}
