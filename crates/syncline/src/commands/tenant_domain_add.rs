//! `syncline tenant domain add`.

use serde::{Deserialize, Serialize};
use syncline_directory::tenants;

use super::Action;
use super::tenant_changed::{TenantDomains, change};
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
pub struct Added {
    #[serde(flatten)]
    pub tenant: TenantDomains,
    /// False: it was there already.
    pub added: bool,
}

impl Action for TenantDomainAdd {
    type Output = Added;

    fn execute(&self, app: &App, _progress: &dyn Progress) -> Result<Added, Failure> {
        let (tenant, added) = change(app, &self.tenant, |tx, id| {
            tenants::add_domain(tx, id, &self.domain)
        })?;
        Ok(Added {
            tenant: tenant.into(),
            added,
        })
    }

    fn text(output: &Added) -> String {
        let what = match output.added {
            true => "added",
            false => "nothing to do: the domain is there already",
        };
        format!("{what}\n{}", output.tenant.text())
    }
}
