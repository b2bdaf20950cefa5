//! Collections: `value`, `@odata.count`, `@odata.nextLink`, `@odata.deltaLink`.

use std::fmt::{Display, Write as _};

use http::StatusCode;
use serde_json::Value as Json;

use crate::{Call, Reply};

/// One page of a collection on its way out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Collection {
    context: String,
    /// The items, written, with commas between.
    items: String,
    count: Option<u64>,
    next_link: Option<String>,
    delta_link: Option<String>,
}

impl Collection {
    /// A whole collection. `context` is what comes after `$metadata#`.
    /// The items are JSON, as a tree or written already.
    pub fn new(call: &Call<'_>, context: &str, items: Vec<impl Display>) -> Self {
        let mut text = String::new();
        for item in items {
            if !text.is_empty() {
                text.push(',');
            }
            // Writing into a text fails only where the item itself does; JSON does not.
            let _ = write!(text, "{item}");
        }
        Self {
            items: text,
            ..Self::empty(call, context)
        }
    }

    /// A collection of nothing.
    pub fn empty(call: &Call<'_>, context: &str) -> Self {
        Self {
            context: call.context(context),
            ..Self::default()
        }
    }

    /// `@odata.count`.
    #[must_use]
    pub fn count(mut self, count: Option<u64>) -> Self {
        self.count = count;
        self
    }

    /// `@odata.nextLink`.
    #[must_use]
    pub fn next_link(mut self, link: Option<String>) -> Self {
        self.next_link = link;
        self
    }

    /// `@odata.deltaLink`.
    #[must_use]
    pub fn delta_link(mut self, link: Option<String>) -> Self {
        self.delta_link = link;
        self
    }

    /// 200.
    pub fn reply(self) -> Reply {
        let text = |name: &str, text: String| format!("\"{name}\":{},", Json::String(text));
        let link = |name, link: Option<String>| link.map(|it| text(name, it)).unwrap_or_default();
        let count = self.count.map(|it| format!("\"@odata.count\":{it},"));
        let json = [
            "{",
            &text("@odata.context", self.context),
            &count.unwrap_or_default(),
            &link("@odata.deltaLink", self.delta_link),
            &link("@odata.nextLink", self.next_link),
            "\"value\":[",
            &self.items,
            "]}",
        ];
        Reply::written(StatusCode::OK, json.concat())
    }
}
