//! Collections: `value`, `@odata.count`, `@odata.nextLink`, `@odata.deltaLink`.

use serde_json::{Map, Value as Json};

use crate::{Call, Reply};

/// One page of a collection on its way out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Collection {
    context: String,
    items: Vec<Json>,
    count: Option<u64>,
    next_link: Option<String>,
    delta_link: Option<String>,
}

impl Collection {
    /// A whole collection. `context` is what comes after `$metadata#`.
    pub fn new(call: &Call<'_>, context: &str, items: Vec<Json>) -> Self {
        Self {
            context: call.context(context),
            items,
            ..Self::default()
        }
    }

    /// `@odata.count`.
    #[must_use]
    pub fn count(mut self, count: Option<u64>) -> Self {
        self.count = count;
        self
    }

    /// `@odata.nextLink`: this path, the caller's options, and the token.
    #[must_use]
    pub fn next(mut self, call: &Call<'_>, token: Option<&str>) -> Self {
        self.next_link = token.map(|token| call.link(&call.query.next_link_query(token)));
        self
    }

    /// A link made elsewhere.
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
        let mut json = Map::new();
        json.insert("@odata.context".to_owned(), self.context.into());
        if let Some(count) = self.count {
            json.insert("@odata.count".to_owned(), count.into());
        }
        if let Some(link) = self.next_link {
            json.insert("@odata.nextLink".to_owned(), link.into());
        }
        if let Some(link) = self.delta_link {
            json.insert("@odata.deltaLink".to_owned(), link.into());
        }
        json.insert("value".to_owned(), self.items.into());
        Reply::ok(Json::Object(json))
    }
}
