//! `syncline tenant domain add`.

use serde::{Deserialize, Serialize};
use syncline_directory::tenants;
use syncline_model::TenantId;

use super::Action;
use super::tenant_list::domains;
use crate::app::App;
use crate::failure::Failure;
use crate::progress::Progress;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TenantDomainAdd {
    /// Id or verified domain.
    pub tenant: String,
    pub domain: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Added {
    pub tenant_id: TenantId,
    pub display_name: String,
    /// All that are verified in the tenant, the default one first.
    pub domains: Vec<String>,
    /// False: it was there already.
    pub added: bool,
}

impl Action for TenantDomainAdd {
    type Output = Added;

    fn execute(&self, app: &App, _progress: &dyn Progress) -> Result<Added, Failure> {
        let id = app
            .store
            .read(|reader| app.tenant(reader, &self.tenant))?
            .id;
        let (tenant, added) = app
            .store
            .write(|tx| tenants::add_domain(tx, id, &self.domain))?;
        Ok(Added {
            tenant_id: tenant.id,
            domains: domains(&tenant),
            display_name: tenant.display_name,
            added,
        })
    }

    fn text(output: &Added) -> String {
        let what = match output.added {
            true => "added",
            false => "nothing to do: the domain is there already",
        };
        format!(
            "{what}\ndomains of {}: {}\n",
            output.display_name,
            output.domains.join(", ")
        )
    }
}
