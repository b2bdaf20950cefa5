//! A request as the endpoints see it.

use std::collections::HashSet;

use axum::extract::RawPathParams;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::request::Parts;
use http::{HeaderMap, Method, header};
use syncline_access::{Peer, Refusal};
use syncline_model::RequestId;
use uuid::Uuid;

use crate::pages::{ANOTHER_ACCOUNT, SHOWN};

/// Clients send fifteen or so; whoever sends more wants to make us work.
const MOST_PARAMETERS: usize = 64;

/// A request taken apart.
#[derive(Default)]
pub(crate) struct Asked {
    pub(crate) is_post: bool,
    /// The first segment of the path; `common` where the path names none.
    pub(crate) tenant: String,
    /// The user name of a user realm request.
    pub(crate) user: String,
    pub(crate) path: String,
    pub(crate) query: Parameters,
    pub(crate) form: Parameters,
    pub(crate) cookies: Parameters,
    /// The `Authorization` header.
    pub(crate) authorization: Option<String>,
    /// User name and password of `Authorization: Basic`.
    pub(crate) basic: Option<(String, String)>,
    pub(crate) correlation_id: Option<Uuid>,
    /// Who sent it; `None` where nobody says.
    pub(crate) peer: Option<Peer>,
    /// What the server calls the request in its log.
    pub(crate) request_id: Option<RequestId>,
}

/// Names and values in order. An empty value counts as absent (RFC 6749, 3.1).
#[derive(Default)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl std::fmt::Debug for Parameters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Values may be secrets.
        f.debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

impl Asked {
    pub(crate) fn read(path: &RawPathParams, head: &Parts, body: &[u8]) -> Self {
        let segment = |wanted: &str| {
            path.iter()
                .find(|(name, _)| *name == wanted)
                .map(|(_, value)| value.to_owned())
                .unwrap_or_default()
        };
        let is_form = header_text(&head.headers, header::CONTENT_TYPE).is_some_and(|kind| {
            kind.trim_start()
                .to_ascii_lowercase()
                .starts_with("application/x-www-form-urlencoded")
        });
        let query = Parameters::of_form(head.uri.query().unwrap_or_default().as_bytes());
        let form = if is_form {
            Parameters::of_form(body)
        } else {
            Parameters::default()
        };
        let correlation_id = head
            .headers
            .get("client-request-id")
            .and_then(|value| value.to_str().ok())
            .or_else(|| form.get("client-request-id"))
            .or_else(|| query.get("client-request-id"))
            .and_then(|text| Uuid::try_parse(text).ok());
        let authorization = header_text(&head.headers, header::AUTHORIZATION);
        let tenant = segment("tenant");
        Self {
            is_post: head.method == Method::POST,
            tenant: if tenant.is_empty() {
                "common".to_owned()
            } else {
                tenant
            },
            user: segment("user"),
            path: head.uri.path().to_owned(),
            query,
            form,
            cookies: cookies(&head.headers),
            authorization: authorization.map(str::to_owned),
            basic: authorization.and_then(basic),
            correlation_id,
            peer: head.extensions.get::<Peer>().copied(),
            request_id: head.extensions.get::<RequestId>().copied(),
        }
    }
}

impl std::fmt::Debug for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The rest may hold secrets.
        f.debug_struct("Asked")
            .field("path", &self.path)
            .field("correlation_id", &self.correlation_id)
            .finish_non_exhaustive()
    }
}

impl Asked {
    /// Whether the page's form says that its user wants to go on as somebody else.
    pub(crate) fn wants_another_account(&self) -> bool {
        self.is_post && self.form.get(ANOTHER_ACCOUNT).is_some()
    }

    /// Whether the consent page that is answered showed this permission. A form that does not say
    /// was made by somebody who knows what he agrees to.
    pub(crate) fn was_shown(&self, permission: &str) -> bool {
        let shown = self.form.get(SHOWN);
        shown.is_none_or(|shown| shown.split(',').any(|it| it == permission))
    }
}

impl Parameters {
    pub(crate) fn of_form(bytes: &[u8]) -> Self {
        Self(form_urlencoded::parse(bytes).into_owned().collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(known, _)| known == name)?;
        (!value.is_empty()).then_some(value)
    }

    pub(crate) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name)
            .ok_or_else(|| Refusal::ParameterMissing(name.to_owned()))
    }

    /// A parameter sent twice could mean one thing to us and another to whoever checked before us.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        if self.0.len() > MOST_PARAMETERS {
            return Err(Refusal::RequestMalformed(format!(
                "more than {MOST_PARAMETERS} parameters are sent."
            )));
        }
        let mut names = HashSet::with_capacity(self.0.len());
        if self.0.iter().all(|(name, _)| names.insert(name)) {
            Ok(())
        } else {
            Err(Refusal::RequestMalformed(
                "a parameter is sent more than once.".to_owned(),
            ))
        }
    }

    /// The query again, with other values of some names; without a name whose value is empty.
    pub(crate) fn to_query_with(&self, changed: &[(&str, &str)]) -> String {
        let is_changed = |name: &str| changed.iter().any(|(changed, _)| *changed == name);
        let kept = self.0.iter().filter(|(name, _)| !is_changed(name));
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(kept);
        query.extend_pairs(changed.iter().filter(|(_, value)| !value.is_empty()));
        query.finish()
    }
}

fn header_text(headers: &HeaderMap, name: http::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn cookies(headers: &HeaderMap) -> Parameters {
    let lines = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let pairs = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    Parameters(
        pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    )
}

/// Client id and secret are form-encoded before they are joined (RFC 6749, 2.3.1).
fn basic(authorization: &str) -> Option<(String, String)> {
    let (scheme, value) = authorization.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let joined = String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()?;
    let (id, secret) = joined.split_once(':')?;
    Some((decode(id), decode(secret)))
}

fn decode(text: &str) -> String {
    // Many clients do not encode: a plus sign that should be itself can not be told apart from one
    // that means a space, and secrets of ours hold neither.
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}
