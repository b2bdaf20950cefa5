//! The pages people see: plain HTML that works without scripts, with labels, one heading, and
//! errors announced to screen readers.

mod consent;
mod error_codes;
mod forms;
pub mod html;
mod notices;

use std::sync::LazyLock;

use syncline_access::secrets;

pub(crate) use consent::{ANOTHER_ACCOUNT, Deciding, SHOWN};
pub(crate) use forms::PASSWORD_STEP;
use html::escape;

/// The only style sheet; its hash is in the content security policy, so no other style applies.
const STYLE: &str = include_str!("style.css");

static STYLE_HASH: LazyLock<String> = LazyLock::new(|| secrets::content_hash(STYLE));

/// A page before it is written.
#[derive(Debug)]
pub(crate) struct Page {
    title: String,
    /// HTML; everything that is not ours in it is escaped.
    body: String,
    /// Where a form of this page may lead besides our own origin.
    leads_to: Option<String>,
}

impl Page {
    fn new(title: &str, body: String) -> Self {
        Self {
            title: title.to_owned(),
            body,
            leads_to: None,
        }
    }

    /// Most browsers apply `form-action` to the redirects that follow a form, too.
    #[must_use]
    pub(crate) fn leading_to(mut self, uri: &str) -> Self {
        self.leads_to = origin(uri);
        self
    }

    pub(crate) fn to_html(&self) -> String {
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
             <h1>{title}</h1>\n{body}</main>\n</body>\n</html>\n",
            title = escape(&self.title),
            body = self.body,
        )
    }

    /// No scripts, no frames, no images, our style only.
    pub(crate) fn content_security_policy(&self) -> String {
        let leads_to = self
            .leads_to
            .as_deref()
            .map(|origin| format!(" {origin}"))
            .unwrap_or_default();
        format!(
            "default-src 'none'; style-src 'sha256-{}'; form-action 'self'{leads_to}; frame-ancestors 'none'; base-uri 'none'",
            *STYLE_HASH
        )
    }
}

/// `https://host:port` of an address, or the scheme of one that has no host.
fn origin(uri: &str) -> Option<String> {
    let plain = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-.:[]+".contains(&byte))
    };
    let (scheme, rest) = uri.split_once(':')?;
    let origin = match rest.strip_prefix("//") {
        Some(rest) if matches!(scheme, "http" | "https") => {
            format!(
                "{scheme}://{}",
                rest.split(['/', '?']).next().unwrap_or_default()
            )
        }
        _ => format!("{scheme}:"),
    };
    plain(origin.replace("//", "").as_str()).then_some(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_the_origin_and_nothing_a_stranger_wrote() {
        let policy = |uri| {
            Page::new("t", String::new())
                .leading_to(uri)
                .content_security_policy()
        };
        assert!(
            policy("http://localhost:51234/?x=1")
                .contains("form-action 'self' http://localhost:51234;")
        );
        assert!(policy("msal1234://auth").contains("form-action 'self' msal1234:;"));
        assert!(
            policy("https://a.example/;script-src *")
                .contains("form-action 'self' https://a.example;")
        );
        assert!(policy("https://a' *").contains("form-action 'self';"));
    }
}
