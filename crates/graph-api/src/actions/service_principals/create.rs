//! `POST /servicePrincipals`

use syncline_directory::{applications, service_principals};
use syncline_model::{AppId, Attr, EntityKind, Problem, Schema};

use crate::actions::{bound, creator, representation};
use crate::wire::entity_in::{self, Purpose};
use crate::{Call, Reply, narrow};

/// Whoever may change only applications that it owns makes service principals of these, and owns them.
pub fn create(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.binding_body("servicePrincipal", &["owners"])?;
    let app_id = AppId(body.required_guid("appId")?);
    let mut changes = entity_in::read(
        &body,
        Schema::core().of(EntityKind::ServicePrincipal),
        Purpose::Create,
    )?;
    changes.retain(|(attr, _)| *attr != Attr::APP_ID);
    let service_principal = call.write(|tx, context| {
        let created = service_principals::create(tx, context, app_id)?;
        let mut owners = bound::many(call, tx, &body, "owners")?;
        if let Some(owner) = creator::owning_application(call) {
            let application = applications::find_by_app_id(tx, call.tenant(), app_id)?;
            if !narrow::owns(call, tx, application.entry.id)? {
                return Err(Problem::denied());
            }
            owners.push(owner);
        }
        service_principals::add_owners(tx, context, created.entry.id, &owners)?;
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
