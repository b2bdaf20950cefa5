//! A browser: keeps cookies, reads the one form of a page, sends it, goes where a page or a redirect leads,
//! and stops where that leaves our origin. Like Chrome, Edge and Safari it asks the policy of the page with
//! the form about the form and about every redirect behind it.

use std::collections::BTreeMap;

use axum::body::Body;
use http::{Request, header};
use syncline_access::Peer;
use syncline_identity::escape;

use crate::world::{PASSWORD, PUBLIC_URL, Reply, World, encode};

pub struct Visitor<'w> {
    world: &'w World,
    cookies: BTreeMap<String, String>,
    /// The address of the page that is open.
    address: String,
    /// Where the browser is, when that matters.
    pub from: Option<Peer>,
    pub page: Reply,
}

impl<'w> Visitor<'w> {
    pub async fn open(world: &'w World, path: &str) -> Self {
        let mut visitor = Self::with_cookies(world, BTreeMap::new());
        visitor.go(path).await;
        visitor
    }

    /// Another browser, into which the cookies of this one were copied.
    pub fn copy(&self) -> Self {
        Self::with_cookies(self.world, self.cookies.clone())
    }

    fn with_cookies(world: &'w World, cookies: BTreeMap<String, String>) -> Self {
        Self {
            world,
            cookies,
            address: String::new(),
            from: None,
            page: Reply {
                status: 0,
                headers: http::HeaderMap::new(),
                body: String::new(),
            },
        }
    }

    /// Opens an address and follows redirects inside our origin.
    pub async fn go(&mut self, path: &str) {
        self.address = path.to_owned();
        let request = self.asks(path);
        self.arrive(request, None).await;
    }

    /// What another window of this browser sends for an address.
    pub fn asks(&self, path: &str) -> Request<Body> {
        Request::get(path)
            .header(header::COOKIE, self.cookie_line())
            .body(Body::empty())
            .unwrap()
    }

    /// Sends the page's form, with these fields filled in.
    pub async fn submit(&mut self, fields: &[(&str, &str)]) {
        assert!(
            self.page.body.contains("<form method=\"post\">"),
            "no form: {}",
            self.page.body
        );
        let hidden = self.hidden_fields();
        let hidden = hidden
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let all: Vec<(&str, &str)> = hidden.chain(fields.iter().copied()).collect();
        let allowed = form_action(self.page.header("content-security-policy"));
        self.post(&all, Some(&allowed)).await;
    }

    /// Sends these fields and no others, with our cookies: what a form of another site would do if
    /// the browser let its cookies go along.
    pub async fn send(&mut self, fields: &[(&str, &str)]) {
        self.post(fields, None).await;
    }

    async fn post(&mut self, fields: &[(&str, &str)], allowed: Option<&[String]>) {
        let request = Request::post(&self.address)
            .header(header::COOKIE, self.cookie_line())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(encode(fields)))
            .unwrap();
        self.arrive(request, allowed).await;
    }

    pub async fn sign_in(&mut self, user: &str) {
        self.submit(&[("username", user), ("password", PASSWORD)])
            .await;
    }

    pub async fn accept(&mut self) {
        self.submit(&[("consent", "accept")]).await;
    }

    /// The parameters with which the browser left for the client.
    pub fn left_with(&self, redirect_uri: &str) -> BTreeMap<String, String> {
        assert_eq!(self.page.status, 302, "{}", self.page.body);
        let location = self.page.header("location");
        let rest = location
            .strip_prefix(redirect_uri)
            .unwrap_or_else(|| panic!("left for {location}"));
        form_urlencoded::parse(&rest.as_bytes()[1..])
            .into_owned()
            .collect()
    }

    pub fn hidden_fields(&self) -> Vec<(String, String)> {
        let inputs = self
            .page
            .body
            .split("<input type=\"hidden\" name=\"")
            .skip(1);
        inputs
            .map(|input| {
                let (name, rest) = input.split_once("\" value=\"").unwrap();
                (name.to_owned(), rest.split_once('"').unwrap().0.to_owned())
            })
            .collect()
    }

    /// `allowed`: what a form that is on its way, or was redirected, may reach.
    async fn arrive(&mut self, mut request: Request<Body>, mut allowed: Option<&[String]>) {
        for _ in 0..5 {
            if let Some(peer) = self.from {
                request.extensions_mut().insert(peer);
            }
            self.page = self.world.send(request).await;
            self.keep_cookies();
            let next = match self.page.header("refresh").strip_prefix("0;url=") {
                // A page goes on by itself: that is no form any more.
                Some(to) => {
                    let link = format!("<a href=\"{}\">", escape(to));
                    assert!(self.page.body.contains(&link), "{}", self.page.body);
                    allowed = None;
                    to
                }
                None => self.page.header("location"),
            };
            if let Some(allowed) = allowed.filter(|_| !next.is_empty()) {
                let reaches = |source: &String| next.starts_with(source.as_str());
                assert!(
                    allowed.iter().any(reaches),
                    "a form led to {next}, its page allows {allowed:?}"
                );
            }
            let Some(path) = next.strip_prefix(PUBLIC_URL).map(str::to_owned) else {
                return;
            };
            self.address = path;
            request = self.asks(&self.address);
        }
        panic!("the redirects do not end");
    }

    fn keep_cookies(&mut self) {
        for line in self.page.headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            for attribute in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
                assert!(line.contains(attribute), "{line}");
            }
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            if line.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    fn cookie_line(&self) -> String {
        self.cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("; ")
    }
}

/// The origins, and schemes of native clients, that a page's form may reach.
fn form_action(policy: &str) -> Vec<String> {
    let sources = policy
        .split("; ")
        .find_map(|directive| directive.strip_prefix("form-action "))
        .unwrap_or_else(|| panic!("no form-action: {policy}"));
    sources
        .split(' ')
        .map(|source| match source {
            "'self'" => PUBLIC_URL.to_owned(),
            other => other.to_owned(),
        })
        .collect()
}
