//! `syncline tenant domain remove`.

use serde::{Deserialize, Serialize};
use syncline_directory::tenants::{self, UnusedDomain};

use super::Action;
use super::tenant_changed::TenantDomains;
use crate::app::App;
use crate::failure::Failure;
use crate::progress::Progress;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TenantDomainRemove {
    /// Id or verified domain.
    pub tenant: String,
    pub domain: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Removed {
    #[serde(flatten)]
    pub tenant: TenantDomains,
    /// False: it was not there.
    pub removed: bool,
}

impl Action for TenantDomainRemove {
    type Output = Removed;

    fn execute(&self, app: &App, _progress: &dyn Progress) -> Result<Removed, Failure> {
        let unused = app.store.read(|reader| {
            let id = app.tenant(reader, &self.tenant)?.id;
            Ok::<_, Failure>(UnusedDomain::find(reader, id, &self.domain)?)
        })?;
        let (tenant, removed) = app.store.write(|tx| tenants::remove_domain(tx, &unused))?;
        Ok(Removed {
            tenant: tenant.into(),
            removed,
        })
    }

    fn text(output: &Removed) -> String {
        let what = match output.removed {
            true => "removed",
            false => "nothing to do: the tenant does not have the domain",
        };
        format!("{what}\n{}", output.tenant.text())
    }
}
