//! Where an application may have codes sent to.

/// Schemes whose addresses lead to no application: the browser would run or show what they say.
const NEVER: [&str; 7] = [
    "about",
    "blob",
    "data",
    "file",
    "filesystem",
    "javascript",
    "vbscript",
];

/// Whether an application may register this redirect URI, and be sent to it: over `https`, over
/// `http` to the machine of who signs in, or by a scheme that a native client registers with its
/// system (RFC 8252, 7.1), such as `msal…://auth` or `urn:ietf:wg:oauth:2.0:oob`.
pub fn is_allowed(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once(':') else {
        return false;
    };
    // Browsers pass over blanks and control characters, so `java\tscript:` would be `javascript:`.
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    if !is_scheme || rest.is_empty() {
        return false;
    }
    match scheme.to_ascii_lowercase().as_str() {
        "https" => rest.len() > 2 && rest.starts_with("//"),
        "http" => loopback_parts(uri).is_some(),
        scheme => !NEVER.contains(&scheme),
    }
}

/// Host and path of an `http` loopback URI, its port left out; `None` for all others.
pub fn loopback_parts(uri: &str) -> Option<(&str, &str)> {
    let rest = uri.strip_prefix("http://")?;
    let (authority, path) = match rest.find(['/', '?']) {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let host = match authority.strip_prefix("[::1]") {
        Some("") => "[::1]",
        Some(port) => port
            .strip_prefix(':')
            .filter(|port| is_port(port))
            .map(|_| "[::1]")?,
        None => match authority.split_once(':') {
            Some((host, port)) if is_port(port) => host,
            Some(_) => return None,
            None => authority,
        },
    };
    matches!(host, "localhost" | "127.0.0.1" | "[::1]").then_some((host, path))
}

fn is_port(text: &str) -> bool {
    !text.is_empty() && text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sent_to_servers_this_machine_and_native_clients() {
        for uri in [
            "https://app.example/back",
            "HTTPS://app.example",
            "http://localhost",
            "http://localhost:8400/answer",
            "http://127.0.0.1/callback",
            "http://[::1]:80/",
            "msal14d82eec-204b-4c2f-b7e8-296a70dab67e://auth",
            "com.example.app:/back",
            "urn:ietf:wg:oauth:2.0:oob",
            "ms-appx-web://microsoft.aad.brokerplugin/x",
        ] {
            assert!(is_allowed(uri), "{uri}");
        }
        for uri in [
            "",
            "app.example/back",
            "/back",
            "//app.example",
            "https:",
            "https://",
            "https:app.example",
            "http://app.example/back",
            "http://localhost.evil.example",
            "http://localhost@evil.example",
            "HTTP://evil.example",
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            " javascript:alert(1)",
            "java\tscript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "blob:https://app.example/x",
            "1x://back",
        ] {
            assert!(!is_allowed(uri), "{uri}");
        }
    }
}
