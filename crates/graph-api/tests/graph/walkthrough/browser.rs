//! A browser on the identity platform, in process: keeps cookies, fills in the one form of a page, goes
//! where a page or a redirect leads, and stops where that leaves our origin.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, to_bytes};
use http::{Method, Request, header};
use serde_json::Value as Json;
use syncline_identity::{Identity, Settings, router};
use tower::ServiceExt as _;

use crate::world::{PUBLIC_URL, World};

/// The identity platform of a world. Its edge is asynchronous; tests are not.
pub struct Platform {
    router: Router,
    runtime: tokio::runtime::Runtime,
}

/// What came back.
pub struct Reply {
    headers: http::HeaderMap,
    pub body: String,
}

impl Reply {
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }
}

impl Platform {
    pub fn new(world: &World) -> Self {
        let identity = Identity::new(
            world.store.clone(),
            world.access.clone(),
            world.clock.clone(),
            world.ids.clone(),
            Settings::default(),
        );
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        Self {
            router: router(identity),
            runtime,
        }
    }

    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.send(Method::POST, path, fields, "")
    }

    fn send(&self, method: Method, path: &str, fields: &[(&str, &str)], cookies: &str) -> Reply {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::COOKIE, cookies)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form(fields)))
            .unwrap();
        self.runtime.block_on(async {
            let (head, body) = self
                .router
                .clone()
                .oneshot(request)
                .await
                .unwrap()
                .into_parts();
            let body = to_bytes(body, 1 << 20).await.unwrap();
            Reply {
                headers: head.headers,
                body: String::from_utf8(body.to_vec()).unwrap(),
            }
        })
    }
}

/// `application/x-www-form-urlencoded`.
pub fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

pub struct Browser<'p> {
    platform: &'p Platform,
    cookies: BTreeMap<String, String>,
    address: String,
    pub page: Reply,
}

impl<'p> Browser<'p> {
    pub fn open(platform: &'p Platform, address: &str) -> Self {
        let page = Reply {
            headers: http::HeaderMap::new(),
            body: String::new(),
        };
        let mut browser = Self {
            platform,
            cookies: BTreeMap::new(),
            address: String::new(),
            page,
        };
        browser.go(address);
        browser
    }

    pub fn go(&mut self, address: &str) {
        self.address = address.to_owned();
        self.arrive(Method::GET, &[]);
    }

    /// Sends the page's form with these fields filled in.
    pub fn submit(&mut self, fields: &[(&str, &str)]) {
        let hidden: Vec<(String, String)> = self
            .page
            .body
            .split("<input type=\"hidden\" name=\"")
            .skip(1)
            .map(|input| {
                let (name, rest) = input.split_once("\" value=\"").unwrap();
                (name.to_owned(), rest.split_once('"').unwrap().0.to_owned())
            })
            .collect();
        let hidden = hidden
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let all: Vec<(&str, &str)> = hidden.chain(fields.iter().copied()).collect();
        self.arrive(Method::POST, &all);
    }

    pub fn sign_in(&mut self, user: &str) {
        self.submit(&[("username", user), ("password", "xWwvJ]6NMw+bWH-d")]);
    }

    pub fn accept(&mut self) {
        self.submit(&[("consent", "accept")]);
    }

    /// Where the browser left to, when it begins with this address: the parameters.
    pub fn left_with(&self, redirect: &str) -> Option<BTreeMap<String, String>> {
        let query = self.location().strip_prefix(redirect)?.strip_prefix('?')?;
        Some(
            form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        )
    }

    fn location(&self) -> &str {
        let header = |name| {
            let value = self.page.headers.get(name)?;
            Some(value.to_str().unwrap())
        };
        let by_itself = header(header::REFRESH).and_then(|it| it.strip_prefix("0;url="));
        by_itself
            .or_else(|| header(header::LOCATION))
            .unwrap_or_default()
    }

    fn arrive(&mut self, method: Method, fields: &[(&str, &str)]) {
        self.page = self
            .platform
            .send(method, &self.address, fields, &self.cookie_line());
        self.keep_cookies();
        while let Some(path) = self.location().strip_prefix(PUBLIC_URL).map(str::to_owned) {
            self.address = path;
            self.page = self
                .platform
                .send(Method::GET, &self.address, &[], &self.cookie_line());
            self.keep_cookies();
        }
    }

    fn keep_cookies(&mut self) {
        for line in self.page.headers.get_all(header::SET_COOKIE) {
            let pair = line.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    fn cookie_line(&self) -> String {
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }
}
