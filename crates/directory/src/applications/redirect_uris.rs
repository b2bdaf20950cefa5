//! Where an application and its service principal may have codes sent to.

use syncline_model::{Attr, Attrs, Problem, Value, redirect_uri};

/// The attributes that hold redirect URIs.
const HOLDERS: [(Attr, &str); 4] = [
    (Attr::WEB, "web"),
    (Attr::SPA, "spa"),
    (Attr::PUBLIC_CLIENT, "publicClient"),
    (Attr::REPLY_URLS, "replyUrls"),
];

/// 400 for one that is new and leads to no application. What was stored before such were refused
/// stays, and is not used: other changes need not wait until it is gone.
pub(crate) fn check(before: Option<&Attrs>, after: &Attrs) -> Result<(), Problem> {
    for (attr, name) in HOLDERS {
        let held = before.map(|attrs| uris(attrs, attr)).unwrap_or_default();
        let refused = |uri: &&&str| !redirect_uri::is_allowed(uri) && !held.contains(uri);
        if let Some(uri) = uris(after, attr).iter().find(refused) {
            let message = format!(
                "The redirect URI '{}' cannot be registered. Give an https address, an http address of localhost, or one with the scheme of a native client.",
                uri.chars().take(200).collect::<String>()
            );
            return Err(Problem::bad_request(message.clone()).with_detail(
                "InvalidValue",
                message,
                Some(name),
            ));
        }
    }
    Ok(())
}

fn uris(attrs: &Attrs, attr: Attr) -> Vec<&str> {
    let Some(value) = attrs.get(attr) else {
        return Vec::new();
    };
    let list = value.member("redirectUris").unwrap_or(value);
    list.as_slice().iter().filter_map(Value::as_text).collect()
}
