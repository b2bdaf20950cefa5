//! Client applications as a tenant knows them: the service principal, and the application where it
//! is registered here.

use syncline_model::redirect_uri::{self, loopback_parts};
use syncline_model::well_known::{GRAPH_APP_ID, PUBLIC_CLIENTS};
use syncline_model::{AppId, Attr, EntityKind, Entry, TenantId, Value};
use syncline_store::{Key, KeyName, ObjectState, Reader};
use uuid::Uuid;

use crate::Refusal;

/// Whether every tenant trusts a client of this id, where no application of it is registered.
#[must_use]
pub fn is_well_known_public(app_id: AppId) -> bool {
    PUBLIC_CLIENTS.iter().any(|(known, _)| *known == app_id)
}

/// Whether an application of this id is Microsoft's own: Graph, or a client that every tenant trusts. No configuration
/// belongs to one.
#[must_use]
pub fn is_microsofts_own(app_id: AppId) -> bool {
    app_id == GRAPH_APP_ID || is_well_known_public(app_id)
}

/// Of more tenants none is asked where a client is registered: anybody may ask, and each is a look-up.
const MOST_TENANTS_ASKED: usize = 100;

/// A client that may ask for tokens in one tenant.
#[derive(Clone, Debug)]
pub struct Client {
    pub app_id: AppId,
    pub service_principal: Entry,
    /// `None` for a service principal whose application is registered elsewhere.
    pub application: Option<Entry>,
}

/// What a redirect URI is registered as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectKind {
    /// A server that keeps a secret.
    Web,
    /// A desktop or command-line client: nothing secret, so the code is bound by PKCE.
    Public,
    /// A single-page application: as public as they, and what it is given ends sooner.
    SinglePage,
}

impl RedirectKind {
    /// Whether nothing but PKCE binds a code to who began the sign-in.
    #[must_use]
    pub fn is_public(self) -> bool {
        self != Self::Web
    }
}

impl Client {
    /// The client with this `client_id`, if it may sign in to the tenant.
    pub fn find(reader: &Reader<'_>, tenant: TenantId, client_id: &str) -> Result<Self, Refusal> {
        let unknown = || Refusal::ClientNotFound(shorten(client_id), tenant.to_string());
        let app_id = AppId(Uuid::try_parse(client_id.trim()).map_err(|_| unknown())?);
        let service_principal = service_principal_of(reader, tenant, app_id)?;
        let name = KeyName::ApplicationAppId;
        Ok(Self {
            app_id,
            service_principal,
            application: live(reader, tenant, app_id, name, EntityKind::Application)?,
        })
    }

    /// The tenant that says where a client may be answered, for who names no tenant and is not signed in: the
    /// only one in which its application is registered; any, when every tenant knows the client. `None` also
    /// where there are too many tenants to be asked.
    pub fn home(reader: &Reader<'_>, client_id: &str) -> Result<Option<TenantId>, Refusal> {
        // Ids alone: anybody may ask, and a tenant whose row can not be read does not stand in the way of the others.
        let tenants = reader.first_tenant_ids(MOST_TENANTS_ASKED + 1)?;
        if tenants.len() > MOST_TENANTS_ASKED {
            return Ok(None);
        }
        let mut homes = Vec::new();
        for tenant in tenants {
            match Self::find(reader, tenant, client_id) {
                Ok(client) if client.is_well_known() => return Ok(Some(tenant)),
                Ok(client) if client.application.is_some() => homes.push(tenant),
                Ok(_) | Err(Refusal::ClientNotFound(..) | Refusal::ClientDisabled(_)) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(match homes.as_slice() {
            [only] => Some(*only),
            _ => None,
        })
    }

    /// The name that consent pages show.
    pub fn display_name(&self) -> &str {
        let named = |entry: &Entry| entry.text(Attr::DISPLAY_NAME).is_some();
        self.application
            .as_ref()
            .filter(|application| named(application))
            .unwrap_or(&self.service_principal)
            .text(Attr::DISPLAY_NAME)
            .unwrap_or("An application without a name")
    }

    fn is_well_known(&self) -> bool {
        self.application.is_none() && is_well_known_public(self.app_id)
    }

    /// May use flows in which the client proves nothing (device code).
    pub fn is_public(&self) -> bool {
        self.is_well_known()
            || self.application.as_ref().is_some_and(|application| {
                application.bool(Attr::IS_FALLBACK_PUBLIC_CLIENT) == Some(true)
            })
    }

    /// May use some flow in which the client proves nothing: it is public altogether, or a redirect
    /// URI of a native client or a page is registered.
    pub fn may_be_public(&self) -> bool {
        let has_uris = |application: &Entry, attr| !uris_of(application, attr).is_empty();
        self.is_public()
            || self.application.as_ref().is_some_and(|application| {
                has_uris(application, Attr::PUBLIC_CLIENT) || has_uris(application, Attr::SPA)
            })
    }

    /// Whether its codes go to single-page applications alone.
    pub fn is_page_only(&self) -> bool {
        let own = self.service_principal.get(Attr::REPLY_URLS).map(texts);
        let has_own_addresses = own.is_some_and(|it| !it.is_empty());
        let has_uris = |application: &Entry, attr| !uris_of(application, attr).is_empty();
        self.application.as_ref().is_some_and(|application| {
            has_uris(application, Attr::SPA)
                && !has_uris(application, Attr::PUBLIC_CLIENT)
                && !has_uris(application, Attr::WEB)
                && !self.is_public()
                && !has_own_addresses
        })
    }

    /// How this redirect URI is registered. Loopback URIs match whatever their port
    /// (RFC 8252, 7.3): a native client takes the one that is free.
    pub fn redirect_kind(&self, redirect_uri: &str) -> Result<RedirectKind, Refusal> {
        let unregistered =
            || Refusal::RedirectNotRegistered(shorten(redirect_uri), self.app_id.to_string());
        // What is no address for a code may be registered from a time when all of them were taken.
        if redirect_uri.contains(['#', '\r', '\n', ' ', '"', '<', '>', ';', ','])
            || !redirect_uri::is_allowed(redirect_uri)
        {
            return Err(unregistered());
        }
        let registered = |uris: &[&str]| uris.iter().any(|uri| same_redirect(uri, redirect_uri));
        // Every tenant trusts these clients, so nobody in it may lead their codes elsewhere.
        if self.is_well_known() {
            return if registered(&["http://localhost", "http://localhost/"]) {
                Ok(RedirectKind::Public)
            } else {
                Err(unregistered())
            };
        }
        if let Some(application) = &self.application {
            let native = registered(&uris_of(application, Attr::PUBLIC_CLIENT));
            let pages = uris_of(application, Attr::SPA);
            // Letter by letter a page's, whatever loopback port a native client may choose.
            if pages.contains(&redirect_uri) || (registered(&pages) && !native) {
                return Ok(RedirectKind::SinglePage);
            }
            if native {
                return Ok(RedirectKind::Public);
            }
            if registered(&uris_of(application, Attr::WEB)) {
                let public = application.bool(Attr::IS_FALLBACK_PUBLIC_CLIENT) == Some(true);
                return Ok(if public {
                    RedirectKind::Public
                } else {
                    RedirectKind::Web
                });
            }
        }
        let replies = self
            .service_principal
            .get(Attr::REPLY_URLS)
            .map(texts)
            .unwrap_or_default();
        if registered(&replies) {
            Ok(RedirectKind::Web)
        } else {
            Err(unregistered())
        }
    }

    /// The redirect URI to use when a request names none: the only one registered.
    pub fn only_redirect(&self) -> Option<&str> {
        let application = self.application.as_ref()?;
        let mut uris = uris_of(application, Attr::WEB);
        uris.extend(uris_of(application, Attr::PUBLIC_CLIENT));
        uris.extend(uris_of(application, Attr::SPA));
        let only = if uris.len() == 1 { uris.pop() } else { None };
        only.filter(|uri| redirect_uri::is_allowed(uri))
    }

    /// What the application says it needs of Microsoft Graph: ids of delegated and of application
    /// permissions (`requiredResourceAccess`).
    pub fn required_of_graph(&self) -> (Vec<Uuid>, Vec<Uuid>) {
        let mut scopes = Vec::new();
        let mut roles = Vec::new();
        let required = self
            .application
            .as_ref()
            .and_then(|entry| entry.get(Attr::REQUIRED_RESOURCE_ACCESS));
        for resource in required.map(Value::as_slice).unwrap_or_default() {
            let is_graph = resource
                .member("resourceAppId")
                .and_then(|id| Uuid::try_parse(&id.display_text()).ok())
                == Some(GRAPH_APP_ID.0);
            if !is_graph {
                continue;
            }
            for access in resource
                .member("resourceAccess")
                .map(Value::as_slice)
                .unwrap_or_default()
            {
                let Some(id) = access
                    .member("id")
                    .and_then(|id| Uuid::try_parse(&id.display_text()).ok())
                else {
                    continue;
                };
                match access.member("type").and_then(Value::as_text) {
                    Some("Role") => roles.push(id),
                    _ => scopes.push(id),
                }
            }
        }
        (scopes, roles)
    }
}

/// The live, enabled service principal of a client: without one it may not sign in to the tenant.
pub(crate) fn service_principal_of(
    reader: &Reader<'_>,
    tenant: TenantId,
    app_id: AppId,
) -> Result<Entry, Refusal> {
    // Nobody gets a token of a tenant that is being deleted, on whatever node.
    reader.confirm_tenant(tenant)?;
    let name = KeyName::ServicePrincipalAppId;
    let found = live(reader, tenant, app_id, name, EntityKind::ServicePrincipal)?
        .ok_or_else(|| Refusal::ClientNotFound(app_id.to_string(), tenant.to_string()))?;
    if found.bool(Attr::ACCOUNT_ENABLED) == Some(false) {
        return Err(Refusal::ClientDisabled(app_id.to_string()));
    }
    Ok(found)
}

fn live(
    reader: &Reader<'_>,
    tenant: TenantId,
    app_id: AppId,
    name: KeyName,
    kind: EntityKind,
) -> Result<Option<Entry>, Refusal> {
    let key = Key::new(name, &app_id.to_string());
    let Some((_, id)) = reader.holder(tenant, &key)? else {
        return Ok(None);
    };
    let stored = reader.objects(tenant, kind, &[id])?.pop();
    Ok(stored
        .filter(|stored| stored.state == ObjectState::Live)
        .map(|stored| stored.entry))
}

fn uris_of(application: &Entry, attr: Attr) -> Vec<&str> {
    application
        .get(attr)
        .and_then(|value| value.member("redirectUris"))
        .map(texts)
        .unwrap_or_default()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_slice().iter().filter_map(Value::as_text).collect()
}

fn same_redirect(registered: &str, asked: &str) -> bool {
    if registered == asked {
        return true;
    }
    match (loopback_parts(registered), loopback_parts(asked)) {
        (Some(registered), Some(asked)) => registered == asked,
        _ => false,
    }
}

/// What is echoed of a value that a stranger sent.
pub(crate) fn shorten(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control())
        .take(200)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_ports_are_free_and_nothing_else_is() {
        for (registered, asked) in [
            ("http://localhost", "http://localhost:51234"),
            ("http://localhost/", "http://localhost:51234/"),
            ("http://127.0.0.1/callback", "http://127.0.0.1:80/callback"),
            ("https://app.example/cb", "https://app.example/cb"),
        ] {
            assert!(same_redirect(registered, asked), "{registered} {asked}");
        }
        for (registered, asked) in [
            ("http://localhost", "http://localhost.evil.example"),
            ("http://localhost", "http://localhost:80@evil.example"),
            ("http://localhost", "http://localhost:51234/elsewhere"),
            ("https://app.example/cb", "https://app.example:444/cb"),
            ("https://app.example/cb", "https://app.example/cb/"),
            ("http://localhost", "https://localhost:51234"),
        ] {
            assert!(!same_redirect(registered, asked), "{registered} {asked}");
        }
    }
}
