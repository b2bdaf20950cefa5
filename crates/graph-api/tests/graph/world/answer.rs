//! Answers, and what is expected of them.

use http::HeaderMap;
use serde_json::Value as Json;

/// What came back.
pub struct Answer {
    pub(super) request: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("UTF-8")
    }

    pub fn json(&self) -> Json {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("{}: no JSON: {}", self.request, self.text()))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("a text"))
    }

    #[track_caller]
    fn expect(&self, status: u16) {
        assert_eq!(self.status, status, "{}: {}", self.request, self.text());
    }

    /// 200 with JSON.
    #[track_caller]
    pub fn ok(&self) -> Json {
        self.expect(200);
        self.json()
    }

    /// 201 with JSON.
    #[track_caller]
    pub fn created(&self) -> Json {
        self.expect(201);
        assert!(self.header("content-type").starts_with("application/json"));
        self.json()
    }

    /// 204, and nothing else.
    #[track_caller]
    pub fn no_content(&self) {
        self.expect(204);
        assert!(self.body.is_empty(), "{}: 204 has no body", self.request);
        assert!(
            !self.headers.contains_key("content-type"),
            "{}: 204 has no content type",
            self.request
        );
    }

    /// An error envelope with this status and code; returns `error`.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Json {
        self.expect(status);
        let error = self.json()["error"].clone();
        assert_eq!(error["code"], code, "{}: {}", self.request, self.text());
        assert!(
            error["message"].as_str().is_some_and(|it| !it.is_empty()),
            "{}: no message",
            self.request
        );
        error
    }
}
