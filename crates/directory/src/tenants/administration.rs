//! The application with which a tenant is set up: it holds every application permission.

use syncline_model::graph_permission::PERMISSIONS;
use syncline_model::{AppId, Attr, Attrs, ObjectId, Problem, Value};
use syncline_store::{Stored, Tx};

use crate::{Context, app_role_assignments, applications, service_principals};

const NAME: &str = "Syncline administration";

/// Creates the application and its service principal, and assigns it every role of Graph.
pub(super) fn create(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    graph: ObjectId,
) -> Result<(Stored, Stored), Problem> {
    let application =
        applications::create(tx, context, Attrs::new().with(Attr::DISPLAY_NAME, NAME))?;
    let Some(Value::Guid(app_id)) = application.entry.get(Attr::APP_ID) else {
        return Err(Problem::internal("the new application has no appId"));
    };
    let service_principal = service_principals::create(tx, context, AppId(*app_id))?;
    for role in PERMISSIONS.iter().filter_map(|permission| permission.role) {
        app_role_assignments::assign(tx, context, graph, service_principal.entry.id, role)?;
    }
    Ok((application, service_principal))
}
