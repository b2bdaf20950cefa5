//! What an endpoint answers.

use http::HeaderName;
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION,
    PRAGMA, REFERRER_POLICY, REFRESH, SET_COOKIE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use serde_json::Value;

use crate::pages::Page;

/// Status, headers and body.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(HeaderName, String)>,
    pub(crate) body: String,
    /// What a token endpoint has to tell those who count.
    pub(crate) token_request: Option<TokenRequested>,
    /// OAuth's `error`, when this is one.
    pub(crate) error: Option<&'static str>,
}

/// A request at a token endpoint, among the extensions of its answer: for those who count them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenRequested {
    /// `grant_type` as OAuth names it; `other` for what is not served.
    pub grant: &'static str,
    /// OAuth's `error`; `None` when a token was issued.
    pub error: Option<&'static str>,
}

impl Reply {
    /// JSON that nobody may keep: tokens, errors.
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.to_string(),
            token_request: None,
            error: None,
        }
        .with(CONTENT_TYPE, "application/json; charset=utf-8")
        .with(CACHE_CONTROL, "no-store")
        .with(PRAGMA, "no-cache")
        .with(X_CONTENT_TYPE_OPTIONS, "nosniff")
    }

    /// JSON that is the same for everybody: discovery documents and keys. Single-page applications
    /// read them from other origins.
    pub(crate) fn public_json(body: &Value) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            body: body.to_string(),
            token_request: None,
            error: None,
        }
        .with(CONTENT_TYPE, "application/json; charset=utf-8")
        .with(CACHE_CONTROL, "max-age=300, private")
        .with(X_CONTENT_TYPE_OPTIONS, "nosniff")
        .with(ACCESS_CONTROL_ALLOW_ORIGIN, "*")
    }

    pub(crate) fn page(status: u16, page: &Page) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: page.to_html(),
            token_request: None,
            error: None,
        }
        .with(CONTENT_TYPE, "text/html; charset=utf-8")
        .with(CACHE_CONTROL, "no-store")
        .with(X_CONTENT_TYPE_OPTIONS, "nosniff")
        .with(X_FRAME_OPTIONS, "DENY")
        .with(REFERRER_POLICY, "no-referrer")
        .with(CONTENT_SECURITY_POLICY, &page.content_security_policy())
    }

    pub(crate) fn text(status: u16, body: &str) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.to_owned(),
            token_request: None,
            error: None,
        }
        .with(CONTENT_TYPE, "text/plain; charset=utf-8")
        .with(CACHE_CONTROL, "no-store")
    }

    /// Nothing but headers.
    pub(crate) fn no_content() -> Self {
        Self {
            status: 204,
            headers: Vec::new(),
            body: String::new(),
            token_request: None,
            error: None,
        }
    }

    /// To another address. Every browser fetches it with GET, also after a POST, and clients of
    /// sign-in pages expect 302.
    pub(crate) fn redirect(to: &str) -> Self {
        Self {
            status: 302,
            headers: Vec::new(),
            body: String::new(),
            token_request: None,
            error: None,
        }
        .with(LOCATION, to)
        .with(CACHE_CONTROL, "no-store")
        .with(REFERRER_POLICY, "no-referrer")
    }

    /// From a form with a right password to an address of ours that may lead on to a client. Most browsers
    /// apply a page's `form-action` to every redirect behind its form, and a client's address is none that a
    /// page with a password may lead to. What this page begins by itself belongs to no form.
    pub(crate) fn go_on(to: &str) -> Self {
        Self::page(200, &Page::signed_in(to)).with(REFRESH, &format!("0;url={to}"))
    }

    #[must_use]
    pub(crate) fn with(mut self, name: HeaderName, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    #[must_use]
    pub(crate) fn with_cookie(self, cookie: &str) -> Self {
        self.with(SET_COOKIE, cookie)
    }
}
