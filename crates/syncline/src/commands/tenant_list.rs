//! `syncline tenant list`.

use serde::{Deserialize, Serialize};
use syncline_model::{EntityKind, TenantId};
use syncline_store::{ObjectState, StoreError, Tenant};

use super::Action;
use crate::app::App;
use crate::failure::Failure;
use crate::output;
use crate::progress::Progress;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TenantList {}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tenants {
    pub tenants: Vec<Listed>,
    /// Those that are gone, and of which rows are left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub being_deleted: Vec<BeingDeleted>,
    /// Whose rows can not be read: they hold up no other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<TenantId>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    pub tenant_id: TenantId,
    pub display_name: String,
    pub default_domain: String,
    pub initial_domain: String,
    /// All that are verified in the tenant, the default one first.
    #[serde(default)]
    pub domains: Vec<String>,
    pub users: u64,
    pub groups: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BeingDeleted {
    pub tenant_id: TenantId,
    pub display_name: String,
    pub default_domain: String,
}

impl Action for TenantList {
    type Output = Tenants;

    fn execute(&self, app: &App, _progress: &dyn Progress) -> Result<Tenants, Failure> {
        let (tenants, unreadable, leaving) = app.store.read(|reader| {
            let (mut listed, mut unreadable) = (Vec::new(), Vec::new());
            for id in reader.tenant_ids()? {
                let tenant = match reader.tenant(id) {
                    Err(StoreError::Damaged(_)) => {
                        unreadable.push(id);
                        continue;
                    }
                    tenant => tenant?,
                };
                let Some(tenant) = tenant else { continue };
                let count = |kind| reader.count_objects(tenant.id, kind, ObjectState::Live);
                listed.push(Listed {
                    tenant_id: tenant.id,
                    display_name: tenant.display_name.clone(),
                    default_domain: tenant.default_domain().to_owned(),
                    initial_domain: tenant.initial_domain().to_owned(),
                    domains: domains(&tenant),
                    users: count(EntityKind::User)?,
                    groups: count(EntityKind::Group)?,
                });
            }
            Ok::<_, StoreError>((listed, unreadable, reader.leaving_tenants()?))
        })?;
        let being_deleted = leaving.into_iter().map(|it| BeingDeleted {
            tenant_id: it.id,
            default_domain: it.default_domain().to_owned(),
            display_name: it.display_name,
        });
        Ok(Tenants {
            tenants,
            being_deleted: being_deleted.collect(),
            unreadable,
        })
    }

    fn text(output: &Tenants) -> String {
        let leaving: String = output
            .being_deleted
            .iter()
            .map(|it| {
                format!(
                    "{} ({}) is deleted, and rows of it are left: `syncline tenant delete --tenant {}` goes on\n",
                    it.display_name, it.default_domain, it.tenant_id
                )
            })
            .collect();
        if output.tenants.is_empty() && output.unreadable.is_empty() && leaving.is_empty() {
            return "There is no tenant yet. Create one:\n  syncline tenant create --domain contoso.example --display-name Contoso\n"
                .to_owned();
        }
        let rows = output.tenants.iter().map(|tenant| {
            vec![
                tenant.tenant_id.to_string(),
                tenant.display_name.clone(),
                match tenant.domains.is_empty() {
                    // Of a server that does not tell them.
                    true => tenant.default_domain.clone(),
                    false => tenant.domains.join(", "),
                },
                tenant.users.to_string(),
                tenant.groups.to_string(),
            ]
        });
        let mut text = output::table(
            &["TENANT", "NAME", "DOMAINS", "USERS", "GROUPS"],
            rows.collect(),
        );
        text.push_str(&output::unreadable("tenant", &output.unreadable));
        text.push_str(&leaving);
        text
    }
}

/// The verified domains of a tenant, the default one first.
pub fn domains(tenant: &Tenant) -> Vec<String> {
    let (mut first, others): (Vec<_>, Vec<_>) = tenant.domains.iter().partition(|it| it.is_default);
    first.extend(others);
    first.into_iter().map(|it| it.name.clone()).collect()
}
