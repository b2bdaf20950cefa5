//! The answer of every grant that acts for a user.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use syncline_access::{
    Client, ClientAuthentication, Refusal, RequestedScopes, TokenVersion, UserTokenRequest,
    consent, enabled_user, still_good,
};
use syncline_model::{ObjectId, TenantId, Timestamp};

use super::TokenRequest;
use crate::reply::Reply;

/// Who gets what.
pub(super) struct Grant<'g> {
    pub(super) tenant: TenantId,
    pub(super) client: &'g Client,
    pub(super) authentication: ClientAuthentication,
    pub(super) user: ObjectId,
    pub(super) scopes: &'g RequestedScopes,
    pub(super) nonce: Option<&'g str>,
    pub(super) signed_in_at: Timestamp,
    /// Of the password that the user typed then.
    pub(super) password_generation: &'g str,
}

/// Checks user and consent, issues the tokens, and only then lets `finish` use up what was sent, so that a refusal uses
/// nothing up. `finish` is given the scope of the refresh token that it makes or replaces with it, where one is asked for
/// (`offline_access`).
pub(super) fn answer(
    request: &TokenRequest<'_>,
    grant: &Grant<'_>,
    finish: impl FnOnce(Option<&str>) -> Result<Option<String>, Refusal>,
) -> Result<Reply, Refusal> {
    let decision = request.identity.store.read(|reader| {
        enabled_user(reader, grant.tenant, grant.user)?;
        // A code outlives the password that it was given for by minutes.
        if !still_good(
            reader,
            grant.tenant,
            grant.user,
            grant.password_generation,
            grant.signed_in_at,
        )? {
            return Err(Refusal::RefreshTokenRevoked);
        }
        let (tenant, client, user) = (grant.tenant, grant.client, grant.user);
        consent::decide(reader, tenant, client, user, grant.scopes, false)
    })?;
    if !decision.missing.is_empty() {
        return Err(Refusal::ConsentRequired(
            grant.client.app_id.to_string(),
            decision.missing.join(" "),
        ));
    }
    let tokens = request
        .identity
        .access
        .issue_user_tokens(&UserTokenRequest {
            tenant: grant.tenant,
            app_id: grant.client.app_id,
            user: grant.user,
            audience: Some(grant.scopes.audience.clone()),
            scopes: decision.granted.clone(),
            openid: grant.scopes.openid.clone(),
            authentication: grant.authentication,
            version: request.version,
            nonce: grant.nonce.map(str::to_owned),
            signed_in_at: grant.signed_in_at,
            handles_claims_challenges: request.handles_claims_challenges(),
        })?;

    let mut body = Map::new();
    body.insert("token_type".to_owned(), json!("Bearer"));
    body.insert(
        "scope".to_owned(),
        json!(scope_text(grant.scopes, &decision.granted)),
    );
    let expires_in = tokens.access.expires_in;
    match request.version {
        TokenVersion::V2 => {
            body.insert("expires_in".to_owned(), json!(expires_in));
            body.insert("ext_expires_in".to_owned(), json!(expires_in));
        }
        TokenVersion::V1 => {
            let now = request.identity.clock.now().seconds();
            body.insert("expires_in".to_owned(), json!(expires_in.to_string()));
            body.insert(
                "expires_on".to_owned(),
                json!((now + expires_in).to_string()),
            );
            body.insert("not_before".to_owned(), json!(now.to_string()));
            body.insert("resource".to_owned(), json!(grant.scopes.audience));
        }
    }
    body.insert("access_token".to_owned(), json!(tokens.access.token));
    if let Some(id_token) = tokens.id_token {
        body.insert("id_token".to_owned(), json!(id_token));
    }
    let offline = grant.scopes.wants("offline_access");
    let scope = offline.then(|| grant.scopes.to_text());
    if let Some(refresh_token) = finish(scope.as_deref())? {
        body.insert("refresh_token".to_owned(), json!(refresh_token));
    }
    if request.asked.form.get("client_info") == Some("1") {
        body.insert(
            "client_info".to_owned(),
            json!(client_info(grant.user, grant.tenant)),
        );
    }
    Ok(Reply::json(200, &Value::Object(body)))
}

/// The words that were asked for, as they were spelled (clients look tokens up by them), and with
/// `.default` also what it stands for.
fn scope_text(scopes: &RequestedScopes, granted: &[String]) -> String {
    let mut words: Vec<String> = scopes
        .asked
        .iter()
        .filter(|word| *word != "offline_access")
        .cloned()
        .collect();
    if scopes.default {
        words.extend(
            granted
                .iter()
                .map(|name| format!("{}/{name}", scopes.audience)),
        );
    }
    words.dedup();
    words.join(" ")
}

fn client_info(user: ObjectId, tenant: TenantId) -> String {
    URL_SAFE_NO_PAD
        .encode(json!({ "uid": user.to_string(), "utid": tenant.to_string() }).to_string())
}
