//! The URL at which clients reach the server.

use super::operations;
use crate::failure::Failure;

/// Scheme and host, nothing behind it.
pub fn checked_url(url: &str) -> Result<String, Failure> {
    let wrong = || {
        Failure::new(format!("`{url}` is not a public URL")).with_help(
            "give scheme, host and port only, for example https://graph.contoso.example:8443",
        )
    };
    let trimmed = url.trim().trim_end_matches('/');
    let uri: http::Uri = trimmed.parse().map_err(|_| wrong())?;
    let plain = matches!(uri.scheme_str(), Some("http" | "https"))
        && uri.authority().is_some_and(|it| !it.as_str().contains('@'))
        && matches!(uri.path(), "" | "/")
        && uri.query().is_none();
    if plain {
        Ok(trimmed.to_owned())
    } else {
        Err(wrong())
    }
}

/// Whether clients reach the server as this very machine: not so behind a proxy.
pub fn is_near(public_url: &str) -> bool {
    let uri: Option<http::Uri> = public_url.parse().ok();
    uri.as_ref()
        .and_then(http::Uri::host)
        .is_some_and(operations::is_this_machine)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_name_of_this_machine_is_no_proxy() {
        for near in [
            "https://localhost:8443",
            "http://127.0.0.1:1",
            "https://[::1]:8443",
        ] {
            assert!(is_near(near), "{near}");
        }
        for far in ["https://graph.contoso.example", "https://10.0.0.1", ""] {
            assert!(!is_near(far), "{far}");
        }
    }

    #[test]
    fn a_public_url_is_scheme_host_and_port() {
        assert_eq!(
            checked_url("https://a.example:8443/").unwrap(),
            "https://a.example:8443"
        );
        for bad in [
            "a.example",
            "ftp://a.example",
            "https://a.example/graph",
            "https://u@a.example",
            "https://a.example/?x",
        ] {
            assert!(checked_url(bad).is_err(), "{bad}");
        }
    }
}
