//! Callers.

use http::Request;
use serde_json::Value as Json;
use syncline_graph_api::{Waiting, dispatch};

use super::{Answer, PUBLIC_URL, World};

/// One caller.
#[derive(Clone)]
pub struct Client<'w> {
    pub(super) world: &'w World,
    pub(super) headers: Vec<(String, String)>,
    pub(super) waiting: Waiting,
}

impl Client<'_> {
    /// The same caller, who has hung up.
    pub fn gone(&self) -> Self {
        let waiting = Waiting::default();
        drop(waiting.until_dropped());
        Self {
            waiting,
            ..self.clone()
        }
    }

    /// The same caller with one more header.
    pub fn header(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.retain(|(known, _)| known != name);
        client.headers.push((name.to_owned(), value.to_owned()));
        client
    }

    /// The same caller with one more line of a header that it may send already.
    pub fn another_line(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.push((name.to_owned(), value.to_owned()));
        client
    }

    /// With `ConsistencyLevel: eventual`.
    pub fn eventual(&self) -> Self {
        self.header("consistencylevel", "eventual")
    }

    pub fn get(&self, url: &str) -> Answer {
        self.send("GET", url, Vec::new())
    }

    pub fn post(&self, url: &str, body: Json) -> Answer {
        self.json("POST", url, &body)
    }

    pub fn patch(&self, url: &str, body: Json) -> Answer {
        self.json("PATCH", url, &body)
    }

    pub fn put(&self, url: &str, body: Json) -> Answer {
        self.json("PUT", url, &body)
    }

    pub fn delete(&self, url: &str) -> Answer {
        self.send("DELETE", url, Vec::new())
    }

    fn json(&self, method: &str, url: &str, body: &Json) -> Answer {
        self.header("content-type", "application/json").send(
            method,
            url,
            body.to_string().into_bytes(),
        )
    }

    /// Any method and any bytes, without a content type.
    pub fn send(&self, method: &str, url: &str, body: Vec<u8>) -> Answer {
        let mut request = Request::builder().method(method).uri(encoded(url));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request.extension(self.waiting.clone()).body(body).unwrap();
        let response = dispatch(&self.world.api, &request);
        let (parts, body) = response.into_parts();
        Answer {
            request: format!("{method} {url}"),
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        }
    }

    /// All items of a collection, page by page; every link is followed as it stands.
    pub fn all(&self, url: &str) -> Vec<Json> {
        let mut items = Vec::new();
        let mut next = Some(url.to_owned());
        while let Some(url) = next {
            let page = self.get(&url).ok();
            items.extend(
                page["value"]
                    .as_array()
                    .expect("a collection")
                    .iter()
                    .cloned(),
            );
            next = page["@odata.nextLink"].as_str().map(|link| {
                link.strip_prefix(PUBLIC_URL)
                    .expect("our own origin")
                    .to_owned()
            });
        }
        items
    }
}

/// What a test types, as it may stand in a request line.
fn encoded(url: &str) -> String {
    let mut encoded = String::new();
    for byte in url.bytes() {
        match byte {
            b' '
            | b'"'
            | b'#'
            | b'<'
            | b'>'
            | b'`'
            | b'{'
            | b'}'
            | b'|'
            | b'^'
            | b'\\'
            | 0x80.. => {
                encoded.push_str(&format!("%{byte:02X}"));
            }
            _ => encoded.push(char::from(byte)),
        }
    }
    encoded
}
