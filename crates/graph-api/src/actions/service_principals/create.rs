//! `POST /servicePrincipals`

use syncline_directory::service_principals;
use syncline_model::{AppId, Attr, EntityKind, Problem, Schema};

use crate::actions::representation;
use crate::wire::entity_in::{self, Purpose};
use crate::{Call, Reply};

pub fn create(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.body("servicePrincipal")?;
    let app_id = AppId(body.required_guid("appId")?);
    let mut changes = entity_in::read(
        &body,
        Schema::core().of(EntityKind::ServicePrincipal),
        Purpose::Create,
    )?;
    changes.retain(|(attr, _)| *attr != Attr::APP_ID);
    let service_principal = call.write(|tx, context| {
        let created = service_principals::create(tx, context, app_id)?;
        if changes.is_empty() {
            return Ok(created);
        }
        service_principals::update(
            tx,
            context,
            created.entry.id,
            &entity_in::merge(&created.entry, changes)?,
        )
    })?;
    representation::created(call, &service_principal, "servicePrincipals")
}
