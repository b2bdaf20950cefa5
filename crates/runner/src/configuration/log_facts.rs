//! What entries of the log say of a configuration ([`LogFacts`]).

use syncline_model::{AppId, Attr, ObjectId, Problem, TenantId};
use syncline_store::{LogFacts, Reader};

use super::secrets::Secrets;

/// As it is now, with these secrets.
pub(crate) fn with(
    reader: &Reader<'_>,
    tenant: TenantId,
    service_principal: ObjectId,
    app_id: AppId,
    secrets: &Secrets,
) -> Result<LogFacts, Problem> {
    let stored = reader.object(tenant, service_principal)?;
    let name = stored.and_then(|it| it.entry.text(Attr::DISPLAY_NAME).map(str::to_owned));
    Ok(LogFacts {
        service_principal: service_principal.to_string(),
        service_principal_name: name.unwrap_or_default(),
        app_id: app_id.to_string(),
        target_tenant: secrets.target_text(),
    })
}

impl Secrets {
    /// What the log says of a configuration whose secrets are these stored ones.
    pub fn log_facts(
        reader: &Reader<'_>,
        tenant: TenantId,
        service_principal: ObjectId,
        app_id: AppId,
    ) -> Result<LogFacts, Problem> {
        let secrets = Self::load(reader, tenant, service_principal)?;
        with(reader, tenant, service_principal, app_id, &secrets)
    }

    /// The target as ids are written; what is no id as it is stored, and nothing when nothing is.
    pub(crate) fn target_text(&self) -> String {
        match self.target() {
            Some(target) => target.to_string(),
            None => self.values.get("CompanyId").cloned().unwrap_or_default(),
        }
    }
}
