//! The URL at which clients reach the server.

use reqwest::Url;

use super::operations;
use crate::failure::Failure;

/// Scheme, host and port, spelled as browsers spell an origin: lower case, and without the port that the scheme has
/// anyway. What they send as `Origin` is compared with it, and so is whether it begins with `https://`.
///
/// # Errors
/// When there is more in it, or no host that clients could reach.
pub fn checked_url(url: &str) -> Result<String, Failure> {
    let wrong = || {
        Failure::new(format!("`{url}` is not a public URL")).with_help(
            "give scheme, host and port only, for example https://graph.contoso.example:8443",
        )
    };
    let trimmed = url.trim().trim_end_matches('/');
    let (scheme, authority) = trimmed.split_once("://").ok_or_else(wrong)?;
    // What browsers would mend or leave out without a word: an empty name or port, `\` for `/`, line breaks.
    let is_typed_well = !authority.is_empty()
        && !authority.starts_with(':')
        && !authority.ends_with(':')
        && authority
            .chars()
            .all(|it| it.is_alphanumeric() || matches!(it, '.' | '-' | '_' | ':' | '[' | ']'));
    let is_web = ["http", "https"].contains(&scheme.to_ascii_lowercase().as_str());
    if !is_web || !is_typed_well {
        return Err(wrong());
    }
    let parsed: Url = trimmed.parse().map_err(|_| wrong())?;
    if parsed.port() == Some(0) {
        return Err(wrong());
    }
    Ok(parsed.origin().ascii_serialization())
}

/// Whether clients reach the server as this very machine: not so behind a proxy.
pub fn is_near(public_url: &str) -> bool {
    let uri: Option<http::Uri> = public_url.parse().ok();
    uri.as_ref()
        .and_then(http::Uri::host)
        .is_some_and(operations::is_this_machine)
}

/// The port that clients connect to, named in the URL or not.
pub fn port(public_url: &str) -> Option<u16> {
    let url: Url = public_url.parse().ok()?;
    url.port_or_known_default()
}

#[cfg(test)]
mod tests {
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
    fn a_public_url_is_spelled_as_browsers_spell_an_origin() {
        for (typed, origin) in [
            ("https://a.example:8443/", "https://a.example:8443"),
            (" https://a.example// ", "https://a.example"),
            ("https://a.example:443", "https://a.example"),
            ("http://a.example:80", "http://a.example"),
            ("http://a.example:443", "http://a.example:443"),
            ("HTTPS://Sync.Example:0443", "https://sync.example"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
            ("https://[2001:DB8:0::1]:443", "https://[2001:db8::1]"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("https://sync_1", "https://sync_1"),
        ] {
            assert_eq!(checked_url(typed).unwrap(), origin, "{typed}");
        }
    }

    #[test]
    fn a_public_url_is_scheme_host_and_port() {
        for bad in [
            "",
            "a.example",
            "https:a.example",
            "ftp://a.example",
            "https://a.example/graph",
            "https://a.example\\graph",
            "https://u@a.example",
            "https://@a.example",
            "https://a.example/?x",
            "https://a.example?",
            "https://a.example#x",
            "https://a.example#",
            "https://",
            "https://:8443",
            "https://a.example:",
            "https://a.example:0",
            "https://a.example:99999",
            "https://*",
            "https://*.example",
            "https://a example",
            "https://a.exa\nmple",
            "https://[::1",
            "https://1.2.3.400",
        ] {
            assert!(checked_url(bad).is_err(), "{bad}");
        }
    }
}
