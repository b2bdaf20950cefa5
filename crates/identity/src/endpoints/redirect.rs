//! Sending the browser back to the client.

use crate::pages::Page;
use crate::reply::Reply;

/// How the answer travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResponseMode {
    Query,
    Fragment,
    FormPost,
}

impl ResponseMode {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "query" => Some(Self::Query),
            "fragment" => Some(Self::Fragment),
            "form_post" => Some(Self::FormPost),
            _ => None,
        }
    }
}

/// Sends the browser to a registered redirect URI with these parameters.
pub(super) fn back(redirect_uri: &str, mode: ResponseMode, parameters: &[(&str, &str)]) -> Reply {
    if mode == ResponseMode::FormPost {
        return Reply::page(200, &Page::form_post(redirect_uri, parameters));
    }
    Reply::redirect(&address(redirect_uri, mode, parameters))
}

/// The redirect URI with these parameters.
pub(super) fn address(
    redirect_uri: &str,
    mode: ResponseMode,
    parameters: &[(&str, &str)],
) -> String {
    let encoded = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters.iter().filter(|(_, value)| !value.is_empty()))
        .finish();
    let joint = match mode {
        ResponseMode::Fragment => '#',
        _ if redirect_uri.contains('?') => '&',
        _ => '?',
    };
    format!("{redirect_uri}{joint}{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_join_a_query_that_is_there() {
        let to = |uri, mode| address(uri, mode, &[("code", "a b"), ("state", "")]);
        assert_eq!(
            to("https://app.example/cb", ResponseMode::Query),
            "https://app.example/cb?code=a+b"
        );
        assert_eq!(
            to("https://app.example/cb?x=1", ResponseMode::Query),
            "https://app.example/cb?x=1&code=a+b"
        );
        assert_eq!(
            to("https://app.example/cb", ResponseMode::Fragment),
            "https://app.example/cb#code=a+b"
        );
    }
}
