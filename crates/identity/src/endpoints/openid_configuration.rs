//! `GET /{tenant}/v2.0/.well-known/openid-configuration`, and its version 1.

use serde_json::{Value, json};
use syncline_access::{OIDC_SCOPES, Refusal, TokenVersion};

use crate::asked::Asked;
use crate::reply::Reply;
use crate::{Identity, oauth_error, tenant_name};

pub(crate) fn v2(identity: &Identity, asked: &Asked) -> Reply {
    oauth_error::answer(identity, asked, || {
        document(identity, asked, TokenVersion::V2)
    })
}

pub(crate) fn v1(identity: &Identity, asked: &Asked) -> Reply {
    oauth_error::answer(identity, asked, || {
        document(identity, asked, TokenVersion::V1)
    })
}

fn document(identity: &Identity, asked: &Asked, version: TokenVersion) -> Result<Reply, Refusal> {
    // Endpoints spell the tenant as it was asked for; the issuer names its id. `common` has no id:
    // its issuer is a pattern, as in Entra.
    let (segment, issuer_tenant) = match tenant_name::resolve(identity, &asked.tenant)? {
        Some(tenant) => (tenant.id.to_string(), tenant.id.to_string()),
        None => (asked.tenant.to_ascii_lowercase(), "{tenantid}".to_owned()),
    };
    Ok(Reply::public_json(&body(
        identity.access.public_url(),
        &segment,
        &issuer_tenant,
        version,
    )))
}

fn body(base: &str, tenant: &str, issuer_tenant: &str, version: TokenVersion) -> Value {
    let (version, issuer_end, keys) = match version {
        TokenVersion::V2 => ("/v2.0", "v2.0", "discovery/v2.0"),
        TokenVersion::V1 => ("", "", "discovery"),
    };
    let host = base.split_once("://").map_or(base, |(_, host)| host);
    json!({
        "issuer": format!("{base}/{issuer_tenant}/{issuer_end}"),
        "authorization_endpoint": format!("{base}/{tenant}/oauth2{version}/authorize"),
        "token_endpoint": format!("{base}/{tenant}/oauth2{version}/token"),
        "device_authorization_endpoint": format!("{base}/{tenant}/oauth2{version}/devicecode"),
        "jwks_uri": format!("{base}/{tenant}/{keys}/keys"),
        "end_session_endpoint": format!("{base}/{tenant}/oauth2{version}/logout"),
        "userinfo_endpoint": format!("{base}/oidc/userinfo"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": OIDC_SCOPES,
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "nbf", "auth_time", "nonce", "oid", "tid", "ver",
            "preferred_username", "name", "given_name", "family_name", "email"
        ],
        "request_uri_parameter_supported": false,
        "tenant_region_scope": Value::Null,
        "cloud_instance_name": host,
        "cloud_graph_host_name": host,
        "msgraph_host": host,
    })
}
