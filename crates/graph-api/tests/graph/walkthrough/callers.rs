//! Who walks: people with directory roles, or applications; both with as little as the walk-through
//! signs in with.

use serde_json::json;
use syncline_access::DirectoryRole;
use syncline_access::{AppTokenRequest, permission_ids};

use crate::world::{Client, Tenant, World, id, text};

/// What the source tenant's administrator signs in with.
pub const SOURCE_SCOPES: [&str; 4] = [
    "Policy.Read.All",
    "Policy.ReadWrite.CrossTenantAccess",
    "Application.ReadWrite.All",
    "Directory.ReadWrite.All",
];

/// What the target tenant's administrator signs in with.
pub const TARGET_SCOPES: [&str; 2] = ["Policy.Read.All", "Policy.ReadWrite.CrossTenantAccess"];

/// The roles that the walk-through asks for.
pub const ROLES: [DirectoryRole; 3] = [
    DirectoryRole::SecurityAdministrator,
    DirectoryRole::HybridIdentityAdministrator,
    DirectoryRole::CloudApplicationAdministrator,
];

/// The tenant of this name: `contoso` or `fabrikam`.
pub fn tenant_of<'w>(world: &'w World, name: &str) -> &'w Tenant {
    match name {
        "contoso" => &world.tenants.contoso,
        _ => &world.tenants.fabrikam,
    }
}

/// The administration application of a tenant, which may do everything, with a token of this moment.
pub fn everything<'w>(world: &'w World, tenant: &str) -> Client<'w> {
    let tenant = tenant_of(world, tenant);
    let request = AppTokenRequest::new(tenant.id, tenant.app_id);
    world.client(&world.access.issue_app_token(&request).unwrap().token)
}

/// A person of a tenant, who can sign in.
pub fn person(world: &World, tenant: &str, alias: &str) -> String {
    id(&everything(world, tenant)
        .post(
            "/v1.0/users",
            json!({
                "accountEnabled": true,
                "displayName": alias,
                "mailNickname": alias,
                "userPrincipalName": format!("{alias}@{tenant}.example"),
                "passwordProfile": {"password": "xWwvJ]6NMw+bWH-d", "forceChangePasswordNextSignIn": false},
            }),
        )
        .created())
}

/// An application of a tenant with exactly these application permissions.
pub struct Application {
    tenant: String,
    app_id: String,
}

impl Application {
    pub fn register(world: &World, tenant: &str, permissions: &[&str]) -> Self {
        let admin = everything(world, tenant);
        let application = admin
            .post("/v1.0/applications", json!({"displayName": "Automation"}))
            .created();
        let app_id = text(&application, "appId");
        let principal = id(&admin
            .post("/v1.0/servicePrincipals", json!({"appId": app_id}))
            .created());
        for permission in permissions {
            let body = json!({
                "principalId": principal,
                "resourceId": tenant_of(world, tenant).graph.to_string(),
                "appRoleId": permission_ids::role_id(permission).expect(permission),
            });
            let url = format!("/v1.0/servicePrincipals/{principal}/appRoleAssignments");
            admin.post(&url, body).created();
        }
        Self {
            tenant: tenant.to_owned(),
            app_id,
        }
    }

    /// With a token of this moment.
    pub fn client<'w>(&self, world: &'w World) -> Client<'w> {
        let tenant = tenant_of(world, &self.tenant).id;
        let request = AppTokenRequest::new(tenant, self.app_id.parse().unwrap());
        world.client(&world.access.issue_app_token(&request).unwrap().token)
    }
}
