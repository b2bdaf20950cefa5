//! `POST /servicePrincipals`

use syncline_directory::{applications, service_principals};
use syncline_model::{AppId, Attr, EntityKind, Problem, ProblemKind, Schema};
use syncline_store::Reader;

use super::of_application;
use crate::actions::{bound, certificates, creator, representation, well_known};
use crate::wire::difference;
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
    call.write(|tx, context| {
        let created = service_principals::create(tx, context, app_id)?;
        let mut owners = bound::many(call, tx, &body, "owners")?;
        if let Some(owner) = creator::owning_application(call) {
            if !owns_application(call, tx, app_id)? {
                return Err(Problem::denied());
            }
            owners.push(owner);
        }
        if !owners.is_empty() {
            well_known::check(&created)?;
        }
        service_principals::add_owners(tx, context, created.entry.id, &owners)?;
        let mut changes = entity_in::merge(&created.entry, changes)?;
        let differing = difference::of(&created.entry, changes.clone());
        well_known::check_update(&created, &differing)?;
        of_application::check_update(call, tx, &created, &differing)?;
        certificates::complete(call, None, &mut changes)?;
        let made = service_principals::update(tx, context, created.entry.id, &changes)?;
        representation::created(call, tx, &made, "servicePrincipals")
    })
}

/// Whether the caller owns the application of this id; a well-known client's is registered nowhere, and nobody's.
fn owns_application(call: &Call<'_>, reader: &Reader<'_>, app_id: AppId) -> Result<bool, Problem> {
    match applications::find_by_app_id(reader, call.tenant(), app_id) {
        Ok(application) => narrow::owns(call, reader, application.entry.id),
        Err(problem) if problem.kind == ProblemKind::NotFound => Ok(false),
        Err(problem) => Err(problem),
    }
}
