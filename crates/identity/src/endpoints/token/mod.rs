//! `POST /{tenant}/oauth2/v2.0/token`, and its version 1 with `resource` instead of `scope`.

mod authorization_code;
mod client_credentials;
mod device_code;
mod refresh_token;
mod user_answer;

use syncline_access::{
    Client, ClientAuthentication, ClientCredentials, Refusal, RequestedScopes, TokenVersion,
};
use syncline_model::TenantId;
use syncline_store::Tenant;

use crate::asked::Asked;
use crate::reply::{Reply, TokenRequested};
use crate::{Identity, oauth_error, tenant_name};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

pub(crate) fn v2(identity: &Identity, asked: &Asked) -> Reply {
    answer(identity, asked, TokenVersion::V2)
}

pub(crate) fn v1(identity: &Identity, asked: &Asked) -> Reply {
    answer(identity, asked, TokenVersion::V1)
}

fn answer(identity: &Identity, asked: &Asked, version: TokenVersion) -> Reply {
    let mut reply = oauth_error::answer(identity, asked, || grant(identity, asked, version));
    reply.token_request = Some(TokenRequested {
        grant: match asked.form.get("grant_type") {
            Some("client_credentials") => "client_credentials",
            Some("authorization_code") => "authorization_code",
            Some("refresh_token") => "refresh_token",
            Some("urn:ietf:params:oauth:grant-type:device_code" | "device_code") => "device_code",
            // What strangers make up must not become a name in our figures.
            _ => "other",
        },
        error: reply.error,
    });
    reply
}

fn grant(identity: &Identity, asked: &Asked, version: TokenVersion) -> Result<Reply, Refusal> {
    asked.form.check()?;
    let tenant = tenant_name::resolve(identity, &asked.tenant)?;
    let request = TokenRequest {
        identity,
        asked,
        version,
        tenant,
    };
    match asked.form.required("grant_type")? {
        "client_credentials" => client_credentials::grant(&request),
        "authorization_code" => authorization_code::grant(&request),
        "refresh_token" => refresh_token::grant(&request),
        "urn:ietf:params:oauth:grant-type:device_code" | "device_code" => {
            device_code::grant(&request)
        }
        other => Err(Refusal::GrantTypeUnsupported(
            other.chars().take(80).collect(),
        )),
    }
}

/// What all grants share.
struct TokenRequest<'r> {
    identity: &'r Identity,
    asked: &'r Asked,
    version: TokenVersion,
    /// `None`: `common`.
    tenant: Option<Tenant>,
}

impl TokenRequest<'_> {
    /// The client, authenticated in a tenant. Whether proof was needed is the grant's to say.
    fn client(&self, tenant: TenantId) -> Result<(Client, ClientAuthentication), Refusal> {
        let form = &self.asked.form;
        let (basic_id, basic_secret) = match &self.asked.basic {
            Some((id, secret)) => (Some(id.as_str()), Some(secret.as_str())),
            None => (None, None),
        };
        let client_id = match form.get("client_id").or(basic_id) {
            Some(client_id) => client_id,
            None => return Err(Refusal::ParameterMissing("client_id".to_owned())),
        };
        if basic_id.is_some_and(|basic_id| basic_id != client_id) {
            return Err(Refusal::RequestMalformed(
                "client_id differs from the Authorization header.".to_owned(),
            ));
        }
        let credentials = match form.get("client_assertion") {
            Some(assertion) => {
                let kind = form.required("client_assertion_type")?;
                if kind != ASSERTION_TYPE {
                    return Err(Refusal::RequestMalformed(format!(
                        "client_assertion_type must be {ASSERTION_TYPE}."
                    )));
                }
                ClientCredentials::Assertion(assertion)
            }
            None => match form.get("client_secret").or(basic_secret) {
                Some(secret) => ClientCredentials::Secret(secret),
                None => ClientCredentials::Nothing,
            },
        };
        self.identity
            .access
            .authenticate_client(tenant, &self.asked.tenant, client_id, credentials)
    }

    /// `scope`, or in version 1 `resource`; `None` when the request has neither.
    fn scopes(&self) -> Result<Option<RequestedScopes>, Refusal> {
        let audiences = self.identity.access.audiences();
        let parsed = match (
            self.version,
            self.asked.form.get("scope"),
            self.asked.form.get("resource"),
        ) {
            (TokenVersion::V1, _, Some(resource)) => {
                RequestedScopes::of_resource(audiences, resource)?
            }
            (TokenVersion::V2, Some(scope), _) => RequestedScopes::parse(audiences, scope)?,
            _ => return Ok(None),
        };
        Ok(Some(parsed))
    }

    /// The request comes to the tenant that a code or refresh token is for.
    fn check_tenant(&self, tenant: TenantId) -> Result<(), Refusal> {
        match &self.tenant {
            Some(named) if named.id != tenant => Err(Refusal::CodeForOtherTenant),
            _ => Ok(()),
        }
    }

    /// Continuous access evaluation: the client says in `claims` that it can handle a claims
    /// challenge.
    fn handles_claims_challenges(&self) -> bool {
        let Some(claims) = self.asked.form.get("claims") else {
            return false;
        };
        let Ok(claims) = serde_json::from_str::<serde_json::Value>(claims) else {
            return false;
        };
        claims
            .pointer("/access_token/xms_cc/values")
            .and_then(serde_json::Value::as_array)
            .is_some_and(|values| {
                values.iter().any(|value| {
                    value
                        .as_str()
                        .is_some_and(|value| value.eq_ignore_ascii_case("cp1"))
                })
            })
    }
}
