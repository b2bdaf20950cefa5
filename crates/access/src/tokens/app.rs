//! Tokens of applications by themselves.

use serde_json::json;
use syncline_model::{AppId, ObjectId, TenantId};
use syncline_store::Reader;

use super::claims::{Common, common, wids};
use super::{ClientAuthentication, IssuedToken, LIFETIME_SECONDS, TokenVersion};
use crate::{Access, Client, Refusal, consent, permission_ids, roles};

/// What a client-credentials request asks for, once the client is known.
#[derive(Clone, Debug)]
pub struct AppTokenRequest {
    pub tenant: TenantId,
    pub app_id: AppId,
    /// `None`: our own origin.
    pub audience: Option<String>,
    pub authentication: ClientAuthentication,
    pub version: TokenVersion,
    /// The client said that it can handle claims challenges (`cp1`).
    pub handles_claims_challenges: bool,
}

impl AppTokenRequest {
    /// The usual request: version 2, with a secret, for our own origin.
    pub fn new(tenant: TenantId, app_id: AppId) -> Self {
        Self {
            tenant,
            app_id,
            audience: None,
            authentication: ClientAuthentication::Secret,
            version: TokenVersion::V2,
            handles_claims_challenges: false,
        }
    }
}

impl Access {
    /// Issues a token with all application permissions and directory roles that the client's service
    /// principal holds. `appRoleAssignmentRequired` of the client is about people; that of the resource
    /// would be about applications, but Microsoft Graph's, the only resource, cannot be changed.
    pub fn issue_app_token(&self, request: &AppTokenRequest) -> Result<IssuedToken, Refusal> {
        let tenant = request.tenant;
        let (client, permissions, held) = self.store.read(|reader| {
            let client = Client::find(reader, tenant, &request.app_id.to_string())?;
            let principal = client.service_principal.id;
            let permissions = held_roles(reader, tenant, principal)?;
            let held = roles::held(reader, tenant, principal)?;
            Ok::<_, Refusal>((client, permissions, held))
        })?;
        let principal = client.service_principal.id;
        let mut claims = common(
            self.ids.as_ref(),
            &Common {
                issuer: self.issuer(tenant),
                audience: request.audience.as_deref().unwrap_or(self.audiences.own()),
                tenant,
                app_id: client.app_id,
                principal,
                subject: principal.to_string(),
                authentication: request.authentication,
                version: request.version,
                handles_claims_challenges: request.handles_claims_challenges,
                now: self.clock.now(),
            },
        );
        claims.insert("idtyp".to_owned(), json!("app"));
        claims.insert("app_displayname".to_owned(), json!(client.display_name()));
        // Absent rather than empty, as in Entra.
        if !permissions.is_empty() {
            claims.insert("roles".to_owned(), json!(permissions));
        }
        if !held.is_empty() {
            claims.insert("wids".to_owned(), wids(&held));
        }
        tracing::info!(%tenant, app_id = %client.app_id, uti = %claims["uti"], "issued an application token");
        Ok(IssuedToken {
            token: self.sign(&claims)?,
            expires_in: LIFETIME_SECONDS - 1,
        })
    }
}

/// The application permissions of Microsoft Graph that a service principal holds now.
pub(crate) fn held_roles(
    reader: &Reader<'_>,
    tenant: TenantId,
    service_principal: ObjectId,
) -> Result<Vec<&'static str>, Refusal> {
    let graph = consent::graph_service_principal(reader, tenant)?;
    let assignments = reader.assignments_of_principal(tenant, service_principal)?;
    let mut roles: Vec<&'static str> = assignments
        .into_iter()
        .filter(|assignment| assignment.resource == graph)
        .filter_map(|assignment| permission_ids::role_value(assignment.role))
        .collect();
    roles.sort_unstable();
    Ok(roles)
}
