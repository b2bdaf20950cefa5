//! `GET /common/discovery/instance`: MSAL asks whether an authority is one it may trust.

use serde_json::json;

use crate::Identity;
use crate::asked::Asked;
use crate::reply::Reply;

pub(crate) fn get(identity: &Identity, asked: &Asked) -> Reply {
    let base = identity.access.public_url();
    let (_, host) = base.split_once("://").unwrap_or(("https", base));
    let bare = host.rsplit_once(':').map_or(host, |(name, _)| name);
    // `https://host/{tenant}/oauth2/v2.0/authorize`
    let endpoint = asked
        .query
        .get("authorization_endpoint")
        .unwrap_or_default();
    let (asked_host, path) = endpoint
        .strip_prefix("https://")
        .or_else(|| endpoint.strip_prefix("http://"))
        .and_then(|rest| rest.split_once('/'))
        .unwrap_or_default();
    if !asked_host.eq_ignore_ascii_case(host) && !asked_host.eq_ignore_ascii_case(bare) {
        return Reply::json(
            400,
            &json!({
                "error": "invalid_instance",
                "error_description": "AADSTS50049: Unknown or invalid instance.",
                "error_codes": [50049],
            }),
        );
    }
    let tenant = path
        .split('/')
        .next()
        .filter(|tenant| is_plain(tenant))
        .unwrap_or("common");
    Reply::public_json(&json!({
        "tenant_discovery_endpoint": format!("{base}/{tenant}/v2.0/.well-known/openid-configuration"),
        "api-version": "1.1",
        "metadata": [{ "preferred_network": host, "preferred_cache": host, "aliases": [host, bare] }],
    }))
}

fn is_plain(tenant: &str) -> bool {
    !tenant.is_empty()
        && tenant
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}
