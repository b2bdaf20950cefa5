//! Claims that every token carries.

use std::collections::BTreeSet;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use syncline_model::{AppId, Ids, ObjectId, TenantId, Timestamp};

use super::{ClientAuthentication, LIFETIME_SECONDS, TokenVersion};
use crate::DirectoryRole;

pub(super) struct Common<'c> {
    pub(super) issuer: String,
    pub(super) audience: &'c str,
    pub(super) tenant: TenantId,
    pub(super) app_id: AppId,
    pub(super) principal: ObjectId,
    pub(super) subject: String,
    pub(super) authentication: ClientAuthentication,
    pub(super) version: TokenVersion,
    pub(super) handles_claims_challenges: bool,
    pub(super) now: Timestamp,
}

/// The claims of an access token, whoever it is for.
pub(super) fn common(ids: &dyn Ids, common: &Common<'_>) -> Map<String, Value> {
    let now = common.now.seconds();
    let client = common.app_id.to_string();
    let proof = common.authentication.claim();
    let mut claims = Map::new();
    let mut put = |name: &str, value: Value| {
        claims.insert(name.to_owned(), value);
    };
    put("aud", json!(common.audience));
    put("iss", json!(common.issuer));
    put("iat", json!(now));
    put("nbf", json!(now));
    put("exp", json!(now + LIFETIME_SECONDS));
    put("tid", json!(common.tenant.to_string()));
    put("oid", json!(common.principal.to_string()));
    put("sub", json!(common.subject));
    // Readers of either token version look for the client under its own name.
    put("appid", json!(client));
    put("appidacr", json!(proof));
    put("azp", json!(client));
    put("azpacr", json!(proof));
    put(
        "ver",
        json!(if common.version == TokenVersion::V1 {
            "1.0"
        } else {
            "2.0"
        }),
    );
    put("uti", json!(token_id(ids)));
    if common.handles_claims_challenges {
        put("xms_cc", json!(["cp1"]));
    }
    claims
}

/// The directory roles of `wids`, by template id.
pub(super) fn wids(held: &BTreeSet<DirectoryRole>) -> Value {
    let ids = held.iter().map(|role| role.template_id().to_string());
    ids.collect()
}

/// A name for one user that another client can not connect with its own.
pub(super) fn pairwise_subject(app_id: AppId, user: ObjectId) -> String {
    let both = [app_id.as_bytes().as_slice(), user.as_bytes()].concat();
    URL_SAFE_NO_PAD.encode(digest(&SHA256, &both))
}

fn token_id(ids: &dyn Ids) -> String {
    URL_SAFE_NO_PAD.encode(ids.random_uuid().as_bytes())
}
