//! `GET|POST /{tenant}/adminconsent` and `/{tenant}/v2.0/adminconsent`: an administrator agrees for
//! the whole tenant.

use syncline_access::consent::{self, AdminConsent};
use syncline_access::{Client, Refusal, RequestedScopes, TokenVersion, permission_ids};
use syncline_model::TenantId;

use super::consent_step;
use super::other_tenant;
use super::prompt::Prompt;
use super::redirect::{ResponseMode, address};
use super::sign_in_step::{self, Then};
use crate::asked::Asked;
use crate::browser::Browser;
use crate::pages::Page;
use crate::reply::Reply;
use crate::tickets::session::Session;
use crate::{Identity, tenant_name};

pub(crate) fn v2(identity: &Identity, asked: &Asked) -> Reply {
    reply(identity, asked, TokenVersion::V2)
}

pub(crate) fn v1(identity: &Identity, asked: &Asked) -> Reply {
    reply(identity, asked, TokenVersion::V1)
}

fn reply(identity: &Identity, asked: &Asked, version: TokenVersion) -> Reply {
    answer(identity, asked, version)
        .unwrap_or_else(|refusal| Reply::page(refusal.status(), &Page::refused(&refusal)))
}

/// A checked request.
struct Request {
    tenant: TenantId,
    client: Client,
    consent: AdminConsent,
    /// A registered redirect URI; without one the result is a page.
    redirect_uri: Option<String>,
    state: String,
    /// Version 2 tells the scopes in the answer.
    scope: Option<String>,
}

fn answer(identity: &Identity, asked: &Asked, version: TokenVersion) -> Result<Reply, Refusal> {
    asked.query.check()?;
    let named = tenant_name::resolve(identity, &asked.tenant)?.map(|tenant| tenant.id);
    let mut browser = Browser::of(identity, asked, named)?;
    if let Some(tenant) = named {
        Request::read(identity, asked, tenant, version)?;
    }
    let sealed = asked.is_post && browser.check_form(asked);
    let signs_in = sealed && sign_in_step::is_sent(asked);
    if signs_in
        && let Err(form) =
            sign_in_step::check(identity, asked, named, &mut browser, &[], Then::GoOn)?
    {
        return Ok(form);
    }
    let answer = signed_in(
        identity,
        asked,
        &browser,
        named,
        version,
        Form { sealed, signs_in },
    );
    other_tenant::behind_sign_in(&browser, signs_in, answer)
}

/// What a page that was open has sent.
#[derive(Clone, Copy)]
struct Form {
    /// It is the form of this browser.
    sealed: bool,
    /// It is the one to sign in with.
    signs_in: bool,
}

fn signed_in(
    identity: &Identity,
    asked: &Asked,
    browser: &Browser,
    named: Option<TenantId>,
    version: TokenVersion,
    Form { sealed, signs_in }: Form,
) -> Result<Reply, Refusal> {
    let asks_for_sign_in = asked.wants_another_account()
        || (!asked.is_post && Prompt::of(&asked.query).wants_sign_in());
    let Some(session) = browser.session().filter(|_| !asks_for_sign_in).cloned() else {
        return Ok(sign_in_step::form(browser, "", None, &[]));
    };
    let client_id = asked.query.required("client_id")?;
    match other_tenant::refusal(identity, named, &session, client_id)? {
        Some(unknown) if signs_in => return Err(unknown),
        Some(_) => return Ok(sign_in_step::form(browser, "", None, &[])),
        None => {}
    }
    let request = Request::read(identity, asked, session.tenant, version)?;
    let may = identity.store.read(|reader| {
        consent::may_consent_for_all(reader, session.tenant, session.user, &request.consent)
    })?;
    let deciding = || consent_step::deciding(identity, browser, &session, &request.client, &[]);
    let needs_admin = |refusal: &Refusal| {
        let link = request.refused_address(refusal);
        let page = Page::needs_admin(&deciding()?, &request.names(), refusal, link.as_deref());
        Ok(browser.keep(Reply::page(403, &page)))
    };
    if !may {
        return needs_admin(&Refusal::ConsentNotAllowed);
    }
    let names = request.names();
    let answer = asked.form.get("consent").filter(|_| sealed);
    // What was not on the page is asked for again, with the rest.
    let answer = answer.filter(|it| *it != "accept" || names.iter().all(|it| asked.was_shown(it)));
    match answer {
        None => {
            let page = Page::admin_consent(&deciding()?, &names);
            let page = match &request.redirect_uri {
                Some(uri) => page.leading_to(uri),
                None => page,
            };
            Ok(browser.keep(Reply::page(200, &page)))
        }
        Some("accept") => match request.accept(identity, &session) {
            Err(refusal @ Refusal::ConsentNotAllowed) => needs_admin(&refusal),
            other => other,
        },
        Some(_) => Ok(match request.refused_address(&Refusal::ConsentDeclined) {
            Some(to) => Reply::redirect(&to),
            None => Reply::page(200, &Page::message("You declined", "Nothing was changed.")),
        }),
    }
}

impl Request {
    fn read(
        identity: &Identity,
        asked: &Asked,
        tenant: TenantId,
        version: TokenVersion,
    ) -> Result<Self, Refusal> {
        let query = &asked.query;
        let client_id = query.required("client_id")?;
        let client = identity
            .store
            .read(|reader| Client::find(reader, tenant, client_id))?;
        let redirect_uri = match query.get("redirect_uri") {
            Some(uri) => {
                client.redirect_kind(uri)?;
                Some(uri.to_owned())
            }
            None => client.only_redirect().map(str::to_owned),
        };
        let requested = match (version, query.get("scope")) {
            (TokenVersion::V2, Some(scope)) => {
                Some(RequestedScopes::parse(identity.access.audiences(), scope)?)
            }
            (TokenVersion::V2, None) => {
                return Err(Refusal::ParameterMissing("scope".to_owned()));
            }
            (TokenVersion::V1, _) => None,
        };
        Ok(Self {
            tenant,
            consent: consent::asked_of_admin(&client, requested.as_ref())?,
            client,
            redirect_uri,
            state: query.get("state").unwrap_or_default().to_owned(),
            scope: requested.map(|requested| requested.to_text()),
        })
    }

    /// The permissions in words.
    fn names(&self) -> Vec<String> {
        let mut names = self.consent.scopes.clone();
        let roles = self.roles().into_iter();
        names.extend(roles.map(|value| format!("{value} (as the application itself)")));
        names
    }

    /// The application permissions by value.
    fn roles(&self) -> Vec<&'static str> {
        let ids = self.consent.roles.iter();
        ids.filter_map(|id| permission_ids::role_value(*id))
            .collect()
    }

    /// Writes what was agreed to, by the rights of the moment at which that is done: it may have waited for it.
    fn accept(&self, identity: &Identity, session: &Session) -> Result<Reply, Refusal> {
        let client_id = self.client.app_id.to_string();
        identity.store.write(|tx| {
            tx.enter(&[self.tenant])?;
            session.still_good(tx)?;
            // It may have been deleted or disabled since.
            let client = Client::find(tx, self.tenant, &client_id)?;
            if !consent::may_consent_for_all(tx, self.tenant, session.user, &self.consent)? {
                return Err(Refusal::ConsentNotAllowed);
            }
            let now = identity.clock.now();
            let ids = identity.ids.as_ref();
            consent::grant_for_all(tx, self.tenant, ids, now, &client, &self.consent)
        })?;
        // Only now: what the database refused, nobody has agreed to.
        tracing::info!(
            tenant = %self.tenant,
            user = %session.user,
            app_id = %self.client.app_id,
            for_all = true,
            scopes = self.consent.scopes.join(" "),
            roles = self.roles().join(" "),
            "consented"
        );
        let Some(redirect_uri) = &self.redirect_uri else {
            let text = format!(
                "{} may now be used in your organization.",
                self.client.display_name()
            );
            return Ok(Reply::page(200, &Page::message("Consent given", &text)));
        };
        let tenant = self.tenant.to_string();
        let parameters = [
            ("admin_consent", "True"),
            ("tenant", tenant.as_str()),
            ("state", self.state.as_str()),
            ("scope", self.scope.as_deref().unwrap_or_default()),
        ];
        Ok(Reply::redirect(&address(
            redirect_uri,
            ResponseMode::Query,
            &parameters,
        )))
    }

    fn refused_address(&self, refusal: &Refusal) -> Option<String> {
        let description = refusal.description();
        let parameters = [
            ("error", refusal.error()),
            ("error_description", description.as_str()),
            ("state", self.state.as_str()),
        ];
        Some(address(
            self.redirect_uri.as_deref()?,
            ResponseMode::Query,
            &parameters,
        ))
    }
}
