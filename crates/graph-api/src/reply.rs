//! What an action answers.

use http::{HeaderName, StatusCode};
use serde_json::Value as Json;

/// Status, content and any headers beyond those every answer carries.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    pub status: StatusCode,
    pub content: Content,
    pub headers: Vec<(HeaderName, String)>,
}

/// The body of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// No body and no `Content-Type`.
    Empty,
    Json(Json),
    /// JSON that is text already.
    Written(String),
    /// `text/plain`, e.g. `/$count`.
    Text(String),
    /// Anything else, with its content type.
    Other(&'static str, String),
}

impl Reply {
    /// 200 with an entity, collection or complex value.
    pub fn ok(json: impl Into<Json>) -> Self {
        Self::new(StatusCode::OK, Content::Json(json.into()))
    }

    /// An entity or collection that is text already.
    pub fn written(status: StatusCode, json: impl Into<Box<str>>) -> Self {
        Self::new(status, Content::Written(json.into().into_string()))
    }

    /// 201 with the entity that was made.
    pub fn created(json: impl Into<Json>) -> Self {
        Self::new(StatusCode::CREATED, Content::Json(json.into()))
    }

    /// 204.
    pub fn no_content() -> Self {
        Self::new(StatusCode::NO_CONTENT, Content::Empty)
    }

    /// 200 `text/plain`.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(StatusCode::OK, Content::Text(text.into()))
    }

    pub fn new(status: StatusCode, content: Content) -> Self {
        Self {
            status,
            content,
            headers: Vec::new(),
        }
    }

    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}
