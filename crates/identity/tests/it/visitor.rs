//! A browser: keeps cookies, reads the one form of a page, sends it, stops at a redirect that
//! leaves our origin.

use std::collections::BTreeMap;

use axum::body::Body;
use http::{Request, header};
use syncline_access::Peer;

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
        let request = Request::get(path)
            .header(header::COOKIE, self.cookie_line())
            .body(Body::empty())
            .unwrap();
        self.arrive(request).await;
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
        self.send(&all).await;
    }

    /// Sends these fields and no others, with our cookies: what a form of another site would do if
    /// the browser let its cookies go along.
    pub async fn send(&mut self, fields: &[(&str, &str)]) {
        let request = Request::post(&self.address)
            .header(header::COOKIE, self.cookie_line())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(encode(fields)))
            .unwrap();
        self.arrive(request).await;
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

    async fn arrive(&mut self, mut request: Request<Body>) {
        for _ in 0..5 {
            if let Some(peer) = self.from {
                request.extensions_mut().insert(peer);
            }
            self.page = self.world.send(request).await;
            self.keep_cookies();
            let Some(path) = self
                .page
                .header("location")
                .strip_prefix(PUBLIC_URL)
                .map(str::to_owned)
            else {
                return;
            };
            self.address = path;
            request = Request::get(&self.address)
                .header(header::COOKIE, self.cookie_line())
                .body(Body::empty())
                .unwrap();
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
