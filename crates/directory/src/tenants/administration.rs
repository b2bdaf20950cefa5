//! The application with which a tenant is set up: it holds every application permission.

use syncline_model::graph_permission::PERMISSIONS;
use syncline_model::{AppId, Attr, Attrs, EntityKind, ObjectId, Problem, ProblemKind, TenantId};
use syncline_store::{ObjectState, Reader, Stored, Tx};

use crate::{Context, app_role_assignments, applications, service_principals};
use syncline_model::well_known::GRAPH_APP_ID;

const NAME: &str = "Syncline administration";

/// Who holds it can give itself every other permission.
const GIVES_ALL_OTHERS: &str = "AppRoleAssignment.ReadWrite.All";

const PAGE: usize = 100;

/// Creates the application and its service principal, and assigns it every role of Graph.
pub(super) fn create(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    graph: ObjectId,
) -> Result<(Stored, Stored), Problem> {
    let application =
        applications::create(tx, context, Attrs::new().with(Attr::DISPLAY_NAME, NAME))?;
    let app_id = app_id(&application)
        .ok_or_else(|| Problem::internal("the new application has no appId"))?;
    let service_principal = service_principals::create(tx, context, app_id)?;
    for role in PERMISSIONS.iter().filter_map(|permission| permission.role) {
        app_role_assignments::assign(tx, context, graph, service_principal.entry.id, role)?;
    }
    Ok((application, service_principal))
}

/// The oldest application with which the tenant can still be administered: it may sign in, and may
/// give itself whatever permission it lacks. As a rule the one that was created with the tenant.
pub fn administration(reader: &Reader<'_>, tenant: TenantId) -> Result<Option<Stored>, Problem> {
    let mut after = None;
    loop {
        let page = reader.scan(
            tenant,
            EntityKind::Application,
            ObjectState::Live,
            after,
            PAGE,
        )?;
        for application in page.rows {
            if administers(reader, tenant, &application)? {
                return Ok(Some(application));
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(None);
        }
    }
}

/// Another application of that kind, for a tenant that lost its own.
pub fn create_administration(tx: &mut Tx<'_>, context: &Context<'_>) -> Result<Stored, Problem> {
    let graph = service_principals::find_by_app_id(tx, context.tenant_id(), GRAPH_APP_ID)?;
    Ok(create(tx, context, graph.entry.id)?.0)
}

fn administers(
    reader: &Reader<'_>,
    tenant: TenantId,
    application: &Stored,
) -> Result<bool, Problem> {
    let Some(app_id) = app_id(application) else {
        return Ok(false);
    };
    let principal = match service_principals::find_by_app_id(reader, tenant, app_id) {
        Ok(principal) => principal,
        Err(problem) if problem.kind == ProblemKind::NotFound => return Ok(false),
        Err(problem) => return Err(problem),
    };
    if principal.entry.bool(Attr::ACCOUNT_ENABLED) == Some(false) {
        return Ok(false);
    }
    let wanted = PERMISSIONS
        .iter()
        .find(|permission| permission.name == GIVES_ALL_OTHERS)
        .and_then(|permission| permission.role);
    let held = app_role_assignments::of_principal(reader, tenant, principal.entry.id)?;
    Ok(held.iter().any(|(assignment, resource)| {
        self::app_id(resource) == Some(GRAPH_APP_ID) && Some(assignment.role) == wanted
    }))
}

fn app_id(stored: &Stored) -> Option<AppId> {
    stored.entry.guid(Attr::APP_ID).map(AppId)
}
