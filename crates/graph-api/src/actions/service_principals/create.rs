//! `POST /servicePrincipals`

use syncline_directory::{Context, applications, service_principals};
use syncline_model::{AppId, Attr, EntityKind, Problem, ProblemKind, Schema, Value};
use syncline_store::{Reader, Tx};

use super::of_application;
use crate::actions::{bound, certificates, creator, representation, well_known};
use crate::wire::difference;
use crate::wire::entity_in::{self, Changes, Purpose};
use crate::{Body, Call, Reply, narrow};

pub fn create(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.binding_body("servicePrincipal", &["owners"])?;
    body.required_guid("appId")?;
    let entity = Schema::core().of(EntityKind::ServicePrincipal);
    let changes = entity_in::read(&body, entity, Purpose::Create)?;
    call.write(|tx, context| make(call, tx, context, &body, changes))
}

/// Makes a service principal of what its body says. Whoever may change only applications that it owns makes service
/// principals of these, and owns them.
pub(super) fn make(
    call: &Call<'_>,
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    body: &Body,
    mut changes: Changes,
) -> Result<Reply, Problem> {
    let app_id = changes.iter().find_map(|it| match it {
        (Attr::APP_ID, Some(Value::Guid(id))) => Some(AppId(*id)),
        _ => None,
    });
    let app_id = app_id.ok_or_else(|| body.missing("appId"))?;
    changes.retain(|(attr, _)| *attr != Attr::APP_ID);
    let created = service_principals::create(tx, context, app_id)?;
    let mut owners = bound::many(call, tx, body, "owners")?;
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
}

/// Whether the caller owns the application of this id; a well-known client's is registered nowhere, and nobody's.
fn owns_application(call: &Call<'_>, reader: &Reader<'_>, app_id: AppId) -> Result<bool, Problem> {
    match applications::find_by_app_id(reader, call.tenant(), app_id) {
        Ok(application) => narrow::owns(call, reader, application.entry.id),
        Err(problem) if problem.kind == ProblemKind::NotFound => Ok(false),
        Err(problem) => Err(problem),
    }
}
