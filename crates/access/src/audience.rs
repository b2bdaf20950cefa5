//! The names under which this server is known in `aud`, `scope` and `resource`.

use syncline_model::well_known::GRAPH_APP_ID;

/// Our origin with and without port, also the one that its scheme has anyway, `https://graph.microsoft.com` and Graph's application id:
/// scripts and clients use any of them.
#[derive(Clone, Debug)]
pub struct Audiences {
    names: Vec<String>,
}

impl Audiences {
    /// The audiences of a server reached under `public_url`.
    pub(crate) fn of(public_url: &str) -> Self {
        let origin = public_url.trim_end_matches('/').to_ascii_lowercase();
        let mut names = vec![origin.clone()];
        if let Some(bare) = without_port(&origin) {
            names.push(bare);
        } else if let Some(whole) = with_port(&origin) {
            names.push(whole);
        }
        names.push("https://graph.microsoft.com".to_owned());
        names.push(GRAPH_APP_ID.to_string());
        Self { names }
    }

    /// The audience of tokens whose request named none: our own origin.
    pub fn own(&self) -> &str {
        &self.names[0]
    }

    /// Our spelling of a resource, in whatever case and with any number of slashes at the end.
    pub fn known(&self, resource: &str) -> Option<&str> {
        let resource = resource.trim_end_matches('/').to_ascii_lowercase();
        self.names
            .iter()
            .find(|name| **name == resource)
            .map(String::as_str)
    }
}

/// An origin, and the same with the port that its scheme has anyway, which somebody may have typed.
pub(crate) fn spellings(origin: &str) -> Vec<String> {
    let origin = origin.trim_end_matches('/').to_owned();
    let has_port = without_port(&origin).is_some();
    let whole = with_port(&origin).filter(|_| !has_port);
    std::iter::once(origin).chain(whole).collect()
}

/// `https://localhost:8443` → `https://localhost`; `None` when there is no port.
fn without_port(origin: &str) -> Option<String> {
    let (scheme, authority) = origin.split_once("://")?;
    let (host, port) = authority.rsplit_once(':')?;
    // `[::1]` without a port ends in a bracket, not in digits.
    (!port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| format!("{scheme}://{host}"))
}

/// `https://sync.example` → `https://sync.example:443`.
fn with_port(origin: &str) -> Option<String> {
    let (scheme, _) = origin.split_once("://")?;
    let port = match scheme {
        "https" => 443,
        "http" => 80,
        _ => return None,
    };
    Some(format!("{origin}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origin_is_known_with_and_without_port_and_slash() {
        let audiences = Audiences::of("https://localhost:8443");
        for resource in [
            "https://localhost:8443",
            "https://LOCALHOST:8443/",
            "https://localhost",
            "https://localhost//",
            "https://graph.microsoft.com",
            &GRAPH_APP_ID.to_string(),
        ] {
            assert!(audiences.known(resource).is_some(), "{resource}");
        }
        for resource in [
            "http://localhost:8443",
            "https://localhost:8444",
            "https://localhost.evil.example",
            "",
        ] {
            assert!(audiences.known(resource).is_none(), "{resource}");
        }
    }

    #[test]
    fn the_port_that_nobody_has_to_type_may_be_typed() {
        let audiences = Audiences::of("https://sync.example");
        assert_eq!(audiences.own(), "https://sync.example");
        assert!(audiences.known("https://Sync.Example:443/").is_some());
        assert!(audiences.known("https://sync.example:80").is_none());
        assert!(audiences.known("http://sync.example:443").is_none());
    }

    #[test]
    fn an_origin_has_another_spelling_where_its_port_goes_without_saying() {
        let with = ["https://sync.example", "https://sync.example:443"];
        assert_eq!(spellings("https://sync.example/"), with);
        assert_eq!(spellings("https://[::1]:8443"), ["https://[::1]:8443"]);
    }

    #[test]
    fn an_ipv6_host_without_port_stays_whole() {
        assert_eq!(without_port("https://[::1]"), None);
        assert_eq!(without_port("https://[::1]:8443").unwrap(), "https://[::1]");
    }
}
