//! `POST /{tenant}/oauth2/v2.0/devicecode`: a device asks for a pair of codes.

use serde_json::json;
use syncline_access::{Client, ClientCredentials, Refusal, RequestedScopes, TokenVersion, consent};
use syncline_model::AppId;
use uuid::Uuid;

use crate::asked::Asked;
use crate::reply::Reply;
use crate::tickets::device_code;
use crate::{Identity, oauth_error, tenant_name};

pub(crate) fn v2(identity: &Identity, asked: &Asked) -> Reply {
    oauth_error::answer(identity, asked, || begin(identity, asked, TokenVersion::V2))
}

pub(crate) fn v1(identity: &Identity, asked: &Asked) -> Reply {
    oauth_error::answer(identity, asked, || begin(identity, asked, TokenVersion::V1))
}

fn begin(identity: &Identity, asked: &Asked, version: TokenVersion) -> Result<Reply, Refusal> {
    asked.form.check()?;
    let tenant = tenant_name::resolve(identity, &asked.tenant)?;
    // Version 1 clients send it in the query.
    let get = |name| asked.form.get(name).or_else(|| asked.query.get(name));
    let client_id =
        get("client_id").ok_or_else(|| Refusal::ParameterMissing("client_id".to_owned()))?;
    let audiences = identity.access.audiences();
    let scopes = match (version, get("scope"), get("resource")) {
        (TokenVersion::V1, _, Some(resource)) => RequestedScopes::of_resource(audiences, resource)?,
        (_, Some(scope), _) => RequestedScopes::parse(audiences, scope)?,
        (TokenVersion::V2, None, _) => return Err(Refusal::ParameterMissing("scope".to_owned())),
        (TokenVersion::V1, None, None) => {
            return Err(Refusal::ParameterMissing("resource".to_owned()));
        }
    };
    consent::known_scopes(&scopes)?;
    let app_id = match &tenant {
        Some(tenant) => {
            let (client, _): (Client, _) = identity.access.authenticate_client(
                tenant.id,
                &asked.tenant,
                client_id,
                ClientCredentials::Nothing,
            )?;
            if !client.is_public() {
                return Err(Refusal::ClientNotPublic(client.app_id.to_string()));
            }
            client.app_id
        }
        // Whose client it is shows when somebody signs in.
        None => AppId(Uuid::try_parse(client_id).map_err(|_| {
            Refusal::ClientNotFound(client_id.chars().take(80).collect(), asked.tenant.clone())
        })?),
    };
    let (device_code, user_code) = device_code::issue(
        identity,
        asked.peer,
        tenant.map(|tenant| tenant.id),
        app_id,
        &scopes.to_text(),
    )?;
    let verification_uri = format!("{}/devicelogin", identity.access.public_url());
    let message = format!(
        "To sign in, use a web browser to open the page {verification_uri} and enter the code {user_code} to authenticate."
    );
    let settings = &identity.settings;
    let mut body = json!({
        "user_code": user_code,
        "device_code": device_code,
        "verification_uri": verification_uri,
        "expires_in": settings.device_code_lifetime_seconds,
        "interval": settings.device_code_interval_seconds,
        "message": message,
    });
    if version == TokenVersion::V1 {
        body["verification_url"] = json!(verification_uri);
        body["expires_in"] = json!(settings.device_code_lifetime_seconds.to_string());
        body["interval"] = json!(settings.device_code_interval_seconds.to_string());
    }
    Ok(Reply::json(200, &body))
}
