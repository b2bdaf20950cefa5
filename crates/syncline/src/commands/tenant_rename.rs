//! `syncline tenant rename`.

use serde::{Deserialize, Serialize};
use syncline_directory::tenants;
use syncline_model::TenantId;

use super::Action;
use super::tenant_changed::change;
use crate::app::App;
use crate::failure::Failure;
use crate::progress::Progress;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TenantRename {
    /// Id or verified domain.
    pub tenant: String,
    pub display_name: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Renamed {
    pub tenant_id: TenantId,
    pub display_name: String,
    /// False: it was called so already.
    pub changed: bool,
}

impl Action for TenantRename {
    type Output = Renamed;

    fn execute(&self, app: &App, _progress: &dyn Progress) -> Result<Renamed, Failure> {
        let (tenant, changed) = change(app, &self.tenant, |tx, id| {
            tenants::rename(tx, id, &self.display_name)
        })?;
        Ok(Renamed {
            tenant_id: tenant.id,
            display_name: tenant.display_name,
            changed,
        })
    }

    fn text(output: &Renamed) -> String {
        let word = match output.changed {
            true => "is called",
            false => "was called so already:",
        };
        format!("{} {word} {}\n", output.tenant_id, output.display_name)
    }
}
