//! One authenticated and authorized request, as an action sees it.

use std::cell::{Cell, OnceCell};
use std::sync::Arc;

use http::HeaderMap;
use syncline_access::{Authenticated, Caller, CallerKind, Permission};
use syncline_directory::Context;
use syncline_model::{ObjectId, Problem, Schema, TenantId, Timestamp};
use syncline_odata::QueryOptions;
use syncline_odata::path::{Captures, Key, Segment, Version};
use syncline_store::{Reader, Tenant, Tx};

use crate::actions::decisive::Bin;
use crate::narrow::LetIn;
use crate::scan::Scan;
use crate::trace::Trace;
use crate::waiting::Waiting;
use crate::{Api, Body, narrow, rights};

/// What the last segment of a path asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    Plain,
    /// `/$count`
    Count,
    /// `/$ref`
    References,
}

/// What an action is given.
#[derive(Debug)]
pub struct Call<'a> {
    pub api: &'a Api,
    pub version: Version,
    pub caller: &'a Caller,
    /// What the placeholders of the route stood for.
    pub captures: Captures,
    /// The query string, parsed once.
    pub query: QueryOptions,
    /// One moment for the whole request.
    pub now: Timestamp,
    pub tail: Tail,
    pub(crate) trace: &'a Trace,
    /// As of when the caller is.
    pub(crate) authenticated: &'a Authenticated,
    /// The pattern of its route.
    pub(crate) pattern: &'static str,
    /// As sent, percent-encoded, with the version, without the query string.
    pub(crate) path: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) bytes: &'a [u8],
    /// Whether the caller still waits.
    pub(crate) waiting: Waiting,
    /// How much was read for it.
    pub(crate) scan: Scan,
    /// The page size that the caller prefers, where it counts.
    pub(crate) preferred_page: Cell<Option<u32>>,
    /// To what: told by who let it in, before its action begins.
    pub(crate) let_in: LetIn,
    /// What was seen in the recycle bin before the transaction that asks for it.
    pub(crate) bin: OnceCell<Bin>,
}

impl Tail {
    pub(crate) fn of(segments: &[Segment]) -> Self {
        match segments.last() {
            Some(Segment::Name(text)) if text.eq_ignore_ascii_case("$count") => Self::Count,
            Some(Segment::Name(text)) if text.eq_ignore_ascii_case("$ref") => Self::References,
            _ => Self::Plain,
        }
    }
}

impl<'a> Call<'a> {
    /// The caller's tenant; the only one an action may touch.
    pub fn tenant(&self) -> TenantId {
        self.caller.tenant
    }

    /// Reads on one consistent snapshot.
    pub fn read<T>(
        &self,
        work: impl FnOnce(&Reader<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        self.api.store.read(work)
    }

    /// What may be inside the objects of the caller's tenant.
    pub fn schema(&self) -> Result<Arc<Schema>, Problem> {
        self.read(|reader| Ok(reader.schema(self.tenant())?))
    }

    /// Writes in one transaction: committed when `work` succeeds, undone when it fails. It may have waited for its turn; the
    /// caller's rights in it are those of now.
    pub fn write<T>(
        &self,
        work: impl FnOnce(&mut Tx<'_>, &Context<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        self.api.store.write(|tx| {
            tx.enter(&[self.tenant()])?;
            let tenant = self.confirm(tx)?;
            work(
                tx,
                &Context {
                    tenant: &tenant,
                    now: self.now,
                    ids: self.api.ids.as_ref(),
                },
            )
        })
    }

    /// The caller's tenant, in a transaction of somebody else's that has entered it, where the caller's rights are still those by which the
    /// request was let in. Asked before anything is written.
    ///
    /// # Errors
    /// As [`rights::confirm`] and [`narrow::confirm`].
    pub(crate) fn confirm(&self, tx: &Tx<'_>) -> Result<Tenant, Problem> {
        let (tenant, sequence) = tx
            .tenant_as_of(self.tenant())?
            .ok_or_else(|| Problem::not_found(self.tenant()))?;
        rights::confirm(self, tx, sequence)?;
        narrow::confirm(self, tx)?;
        Ok(tenant)
    }

    /// A further permission that depends on what the request turns out to touch.
    pub fn authorize(&self, permission: &Permission) -> Result<(), Problem> {
        self.api.access.authorize(self.caller, permission)
    }

    /// Whether the caller holds a permission, where that only decides how much is shown.
    pub fn holds(&self, permission: &Permission) -> bool {
        self.api.access.holds(self.caller, permission)
    }

    /// Whether the caller holds what suffices for its own user object.
    pub fn holds_of_oneself(&self, permission: &Permission) -> bool {
        self.api.access.holds_of_oneself(self.caller, permission)
    }

    /// The signed-in user, when there is one.
    pub fn signed_in_user(&self) -> Option<ObjectId> {
        match &self.caller.kind {
            CallerKind::Delegated { user, .. } => Some(*user),
            CallerKind::Application { .. } => None,
        }
    }

    /// What `{name}` of the route stood for.
    pub fn key(&self, name: &str) -> Result<&Key, Problem> {
        // Only a route without that placeholder gets here; a test walks all routes.
        self.captures
            .key(name)
            .ok_or_else(|| Problem::internal(format!("the route captures no `{name}`")))
    }

    /// The object id that `{name}` stood for; anything else can not exist, so 404.
    pub fn object_id(&self, name: &str) -> Result<ObjectId, Problem> {
        let key = self.key(name)?;
        key.id()
            .and_then(|id| id.parse().ok())
            .ok_or_else(|| Problem::not_found(key.value()))
    }

    /// The collection that the route begins with: `users` for `/me`, too.
    pub fn collection(&self) -> &'static str {
        let pattern = self.pattern.trim_start_matches('/');
        pattern.split('/').next().unwrap_or_default()
    }

    /// The body: one JSON object of the Graph type `type_name` (`user`, `group`, …).
    ///
    /// # Errors
    /// 400 when it can not be read, binds references, or is declared to be something else than JSON.
    pub fn body(&self, type_name: &str) -> Result<Body, Problem> {
        self.binding_body(type_name, &[])
    }

    /// The same, where references of these names may be bound: `manager` by `manager@odata.bind`.
    ///
    /// # Errors
    /// As [`Call::body`], and 400 for a reference of another name.
    pub fn binding_body(&self, type_name: &str, binds: &[&str]) -> Result<Body, Problem> {
        let body = Body::parse(self.json()?, type_name)?;
        body.only_binds(binds)?;
        Ok(body)
    }

    /// The body's bytes, for an action that reads them itself.
    ///
    /// # Errors
    /// 400 when they are declared to be something else than JSON.
    pub(crate) fn json(&self) -> Result<&'a [u8], Problem> {
        self.check_content_type()?;
        Ok(self.bytes)
    }

    /// The body of an action that may be called without one.
    pub fn optional_body(&self, type_name: &str) -> Result<Body, Problem> {
        if self.bytes.iter().all(u8::is_ascii_whitespace) {
            return Body::parse(b"{}", type_name);
        }
        self.body(type_name)
    }

    /// The body as it came.
    pub fn raw_body(&self) -> &'a [u8] {
        self.bytes
    }

    /// A missing or empty content type counts as JSON: older PowerShell modules set none for PUT and PATCH.
    fn check_content_type(&self) -> Result<(), Problem> {
        let sent = self.header("content-type").unwrap_or_default();
        let (media_type, _) = sent.split_once(';').unwrap_or((sent, ""));
        let media_type = media_type.trim().to_ascii_lowercase();
        if media_type.is_empty() || media_type.contains("json") {
            return Ok(());
        }
        // In Graph's words and with its status: 415 is what the services of mail answer there.
        Err(Problem::malformed(
            "Entity only allows writes with a JSON Content-Type header.",
        ))
    }

    /// A request header as text.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether `Prefer` holds this preference, e.g. `return=minimal`.
    pub fn prefers(&self, preference: &str) -> bool {
        self.preferences()
            .any(|it| it.eq_ignore_ascii_case(preference))
    }

    /// The value that `Prefer` gives a preference of this name, e.g. `odata.maxpagesize`. Where it stands more than once
    /// the first counts (RFC 7240).
    pub fn preference(&self, name: &str) -> Option<&'a str> {
        self.preferences().find_map(|it| {
            let (known, value) = it.split_once('=')?;
            let is_it = known.trim_end().eq_ignore_ascii_case(name);
            is_it.then(|| value.trim().trim_matches('"'))
        })
    }

    /// Of all lines of the header: it may stand in several, as well as in one with commas.
    fn preferences(&self) -> impl Iterator<Item = &'a str> {
        let lines = self.headers.get_all("prefer").iter();
        lines
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split([',', ';']))
            .map(str::trim)
    }

    /// `ConsistencyLevel: eventual`.
    pub fn eventual(&self) -> bool {
        self.header("consistencylevel")
            .is_some_and(|it| it.trim().eq_ignore_ascii_case("eventual"))
    }

    /// `{public url}/v1.0`.
    pub fn base_url(&self) -> String {
        format!("{}/{}", self.api.settings.public_url, self.version.as_str())
    }

    /// The value of `@odata.context`: `tail` comes after `$metadata#`.
    pub fn context(&self, tail: &str) -> String {
        format!("{}/$metadata#{tail}", self.base_url())
    }

    /// A link back to this very path with another query string, as the caller can follow it.
    ///
    /// The Graph PowerShell module attaches its token only to URLs of Microsoft's hosts and then
    /// rewrites the host to the environment's, so it gets links to `graph.microsoft.com`. Nobody
    /// else does: any other client would carry its token there.
    pub fn link(&self, query: &str) -> String {
        let module = self.header("sdkversion").is_some_and(|it| {
            it.split(',').any(|it| {
                it.trim()
                    .to_ascii_lowercase()
                    .starts_with("graph-powershell")
            })
        }) || self
            .header("user-agent")
            .is_some_and(|it| it.contains("Invoke-MgGraphRequest"));
        let origin = if module {
            "https://graph.microsoft.com"
        } else {
            &self.api.settings.public_url
        };
        let path = self.path.trim_end_matches('/');
        format!("{origin}/{}?{query}", path.trim_start_matches('/'))
    }
}
