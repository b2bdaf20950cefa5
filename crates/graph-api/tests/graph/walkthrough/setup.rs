//! A configured pair of tenants, for tests that begin where the walk-through ends.

use serde_json::{Value as Json, json};
use syncline_model::job::CycleReport;
use syncline_model::{Attr, Attrs, JobId};
use syncline_runner::Silent;

use crate::world::{Client, World, id, text};

use super::callers::{everything, tenant_of};

/// Graph's gallery template of cross-tenant synchronization.
pub const GALLERY_TEMPLATE: &str = "518e5f48-1fc8-4c48-9387-9fdf28b0dfe7";

pub const PARTNERS: &str = "/policies/crossTenantAccessPolicy/partners";

/// A configuration of a tenant and its job.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    /// The tenant that owns it.
    pub tenant: String,
    pub application: String,
    pub service_principal: String,
    pub app_id: String,
    /// The role `msiam_access`.
    pub role: String,
    pub job: String,
    /// The job's synchronization rule.
    pub rule: String,
}

/// A user of Contoso.
pub fn employee(world: &World, alias: &str, department: &str) -> String {
    world.user_with(alias, Attrs::new().with(Attr::DEPARTMENT, department))
}

/// Contoso may synchronize into Fabrikam, and both redeem automatically.
pub fn trust(world: &World) {
    allow(world, "contoso", "fabrikam");
}

/// The target lets the source in.
pub fn allow(world: &World, source: &str, target: &str) {
    let (source_id, target_id) = (tenant_of(world, source).id, tenant_of(world, target).id);
    let admin = everything(world, target);
    let inbound =
        json!({"tenantId": source_id, "automaticUserConsentSettings": {"inboundAllowed": true}});
    admin.post(&format!("/v1.0{PARTNERS}"), inbound).created();
    let url = format!("/v1.0{PARTNERS}/{source_id}/identitySynchronization");
    admin
        .put(&url, json!({"userSyncInbound": {"isSyncAllowed": true}}))
        .no_content();
    let outbound =
        json!({"tenantId": target_id, "automaticUserConsentSettings": {"outboundAllowed": true}});
    everything(world, source)
        .post(&format!("/v1.0{PARTNERS}"), outbound)
        .created();
}

/// A configuration of Contoso with a job into Fabrikam, not started; only who is assigned is in
/// scope.
pub fn configure(world: &World) -> Configuration {
    configure_in(world, "contoso", "fabrikam")
}

/// The same between any two tenants.
pub fn configure_in(world: &World, source: &str, target: &str) -> Configuration {
    let admin = everything(world, source);
    let mut configuration = instantiate(&admin, source);
    let secrets = json!({"value": [
        {"key": "CompanyId", "value": tenant_of(world, target).id.to_string()},
        {"key": "AuthenticationType", "value": "SyncPolicy"},
        {"key": "SyncAll", "value": "false"},
    ]});
    admin
        .put(&configuration.url("/secrets"), secrets)
        .no_content();
    let job = admin
        .post(
            &configuration.url("/jobs"),
            json!({"templateId": "Azure2Azure"}),
        )
        .created();
    configuration.job = id(&job);
    let schema = admin.get(&configuration.job_url("/schema")).ok();
    configuration.rule = text(&schema["synchronizationRules"][0], "id");
    configuration
}

/// Application and service principal, and nothing of synchronization.
pub fn instantiate(admin: &Client<'_>, tenant: &str) -> Configuration {
    let url = format!("/v1.0/applicationTemplates/{GALLERY_TEMPLATE}/instantiate");
    let made = admin
        .post(&url, json!({"displayName": "Fabrikam"}))
        .created();
    let service_principal = id(&made["servicePrincipal"]);
    let roles = admin
        .get(&format!(
            "/v1.0/servicePrincipals/{service_principal}?$select=appRoles"
        ))
        .ok();
    let role = roles["appRoles"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["displayName"] == "msiam_access");
    Configuration {
        tenant: tenant.to_owned(),
        application: id(&made["application"]),
        app_id: text(&made["servicePrincipal"], "appId"),
        service_principal,
        role: id(role.unwrap()),
        ..Configuration::default()
    }
}

impl Configuration {
    /// `/servicePrincipals/{id}/synchronization…`
    pub fn url(&self, tail: &str) -> String {
        format!(
            "/v1.0/servicePrincipals/{}/synchronization{tail}",
            self.service_principal
        )
    }

    /// `…/jobs/{id}…`
    pub fn job_url(&self, tail: &str) -> String {
        self.url(&format!("/jobs/{}{tail}", self.job))
    }

    /// Everybody is in scope, assigned or not.
    pub fn synchronize_all(&self, world: &World) {
        let body = json!({"value": [{"key": "SyncAll", "value": "true"}]});
        everything(world, &self.tenant)
            .put(&self.url("/secrets"), body)
            .no_content();
    }

    pub fn start(&self, world: &World) {
        everything(world, &self.tenant)
            .send("POST", &self.job_url("/start"), Vec::new())
            .no_content();
    }

    /// One cycle, as the scheduler would run it.
    pub fn cycle(&self, world: &World) -> CycleReport {
        let job = JobId(self.job.clone());
        world
            .api
            .runner
            .run_cycle(tenant_of(world, &self.tenant).id, &job, &Silent)
            .unwrap()
    }

    pub fn assign(&self, world: &World, user: &str) {
        let url = format!(
            "/v1.0/servicePrincipals/{}/appRoleAssignedTo",
            self.service_principal
        );
        let body = json!({"appRoleId": self.role, "resourceId": self.service_principal, "principalId": user});
        everything(world, &self.tenant).post(&url, body).created();
    }

    /// The body of `provisionOnDemand` for one user.
    pub fn on_demand(&self, user: &str) -> Json {
        json!({"parameters": [{
            "ruleId": self.rule,
            "subjects": [{"objectId": user, "objectTypeName": "User"}],
        }]})
    }
}

/// The one item of the value that `provisionOnDemand` answers with.
pub fn on_demand_result(answer: &Json) -> Json {
    let value: Json = serde_json::from_str(&text(answer, "value")).expect("JSON in a text");
    let items = value.as_array().expect("a list");
    assert_eq!(items.len(), 1, "{value:#}");
    items[0].clone()
}

/// User principal names in the target tenant, of people who came by synchronization.
pub fn synchronized(world: &World, target: &str) -> Vec<String> {
    let users = everything(world, target).all("/v1.0/users?$filter=creationType eq 'Invitation'");
    let mut names: Vec<String> = users
        .iter()
        .map(|user| text(user, "userPrincipalName"))
        .collect();
    names.sort();
    names
}
