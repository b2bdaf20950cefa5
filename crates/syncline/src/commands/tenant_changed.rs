//! What commands share that change what is told of a tenant.

use serde::{Deserialize, Serialize};
use syncline_model::{Problem, TenantId};
use syncline_store::{Tenant, Tx};

use super::tenant_list::domains;
use crate::app::App;
use crate::failure::Failure;

/// A tenant and its domains.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TenantDomains {
    pub tenant_id: TenantId,
    pub display_name: String,
    /// All that are verified in the tenant, the default one first.
    pub domains: Vec<String>,
}

impl From<Tenant> for TenantDomains {
    fn from(tenant: Tenant) -> Self {
        Self {
            tenant_id: tenant.id,
            domains: domains(&tenant),
            display_name: tenant.display_name,
        }
    }
}

impl TenantDomains {
    /// A line for people.
    pub fn text(&self) -> String {
        let (name, domains) = (&self.display_name, self.domains.join(", "));
        format!("domains of {name}: {domains}\n")
    }
}

/// Changes the tenant that is named by its id or a verified domain: what it is then, and whether that is new.
pub fn change(
    app: &App,
    tenant: &str,
    change: impl Fn(&mut Tx<'_>, TenantId) -> Result<(Tenant, bool), Problem>,
) -> Result<(Tenant, bool), Failure> {
    let id = app.store.read(|reader| app.tenant(reader, tenant))?.id;
    Ok(app.store.write(|tx| change(tx, id))?)
}
