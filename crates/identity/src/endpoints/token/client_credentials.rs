//! An application by itself.

use serde_json::json;
use syncline_access::{AppTokenRequest, ClientAuthentication, Refusal, TokenVersion};

use super::TokenRequest;
use crate::reply::Reply;
use crate::tenant_name;

pub(super) fn grant(request: &TokenRequest<'_>) -> Result<Reply, Refusal> {
    // Nobody signs in here who could tell the tenant.
    let tenant = match &request.tenant {
        Some(tenant) => tenant.id,
        None => tenant_name::required(request.identity, &request.asked.tenant)?.id,
    };
    let (client, authentication) = request.client(tenant)?;
    if authentication == ClientAuthentication::None {
        return Err(Refusal::ClientNotAuthenticated);
    }
    let name = if request.version == TokenVersion::V1 {
        "resource"
    } else {
        "scope"
    };
    let scopes = request
        .scopes()?
        .ok_or_else(|| Refusal::ParameterMissing(name.to_owned()))?;
    if !scopes.default || !scopes.names.is_empty() {
        return Err(Refusal::ScopeNotDefault(scopes.to_text()));
    }
    let issued = request.identity.access.issue_app_token(&AppTokenRequest {
        tenant,
        app_id: client.app_id,
        audience: Some(scopes.audience.clone()),
        authentication,
        version: request.version,
        handles_claims_challenges: request.handles_claims_challenges(),
    })?;
    let body = match request.version {
        TokenVersion::V2 => json!({
            "token_type": "Bearer",
            "expires_in": issued.expires_in,
            "ext_expires_in": issued.expires_in,
            "access_token": issued.token,
        }),
        // Version 1 writes numbers as texts.
        TokenVersion::V1 => {
            let now = request.identity.clock.now().seconds();
            json!({
                "token_type": "Bearer",
                "expires_in": issued.expires_in.to_string(),
                "ext_expires_in": issued.expires_in.to_string(),
                "expires_on": (now + issued.expires_in).to_string(),
                "not_before": now.to_string(),
                "resource": scopes.audience,
                "access_token": issued.token,
            })
        }
    };
    Ok(Reply::json(200, &body))
}
