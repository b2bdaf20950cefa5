//! The service principals every tenant has without an application of its own.

use std::collections::BTreeSet;

use syncline_model::graph_permission::PERMISSIONS;
use syncline_model::well_known::{GRAPH_APP_ID, PUBLIC_CLIENTS};
use syncline_model::{
    AppId, Attr, Attrs, EntityKind, Entry, ObjectId, Problem, ProblemKind, TenantId, Value,
};
use syncline_store::{Reader, Tx};

use super::well_known::MICROSOFT_TENANT_ID;
use crate::applications::{app_role, permission_scope, role_id, texts};
use crate::{Context, edit, service_principals};

/// Creates the service principal of Microsoft Graph, with every permission we serve.
pub(super) fn create(tx: &mut Tx<'_>, context: &Context<'_>) -> Result<ObjectId, Problem> {
    let names = [
        "https://graph.microsoft.com".to_owned(),
        GRAPH_APP_ID.to_string(),
    ];
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut draft = of_microsoft(context, GRAPH_APP_ID, "Microsoft Graph");
    for (attr, offered) in offered() {
        draft.attrs.set(attr, Value::List(offered));
    }
    draft
        .attrs
        .set(Attr::SERVICE_PRINCIPAL_NAMES, texts(&names));
    Ok(edit::insert(tx, context, draft)?.entry.id)
}

/// Whether the tenant's service principal of Microsoft Graph lacks permissions that we serve: it was made
/// by an earlier build.
///
/// # Errors
/// As the store fails. A tenant without such a service principal lacks nothing: there is nothing to mend.
pub fn lacks_permissions(reader: &Reader<'_>, tenant: TenantId) -> Result<bool, Problem> {
    let graph = match service_principals::find_by_app_id(reader, tenant, GRAPH_APP_ID) {
        Ok(graph) => graph,
        Err(problem) if problem.kind == ProblemKind::NotFound => return Ok(false),
        Err(problem) => return Err(problem),
    };
    Ok(!missing(&graph.entry).is_empty())
}

/// Adds the permissions that the service principal of Microsoft Graph lacks. Nobody holds them by that, and none
/// is taken away: a node of a newer build may have added what this one does not know.
pub fn add_permissions(tx: &mut Tx<'_>, context: &Context<'_>) -> Result<(), Problem> {
    let graph = service_principals::find_by_app_id(tx, context.tenant_id(), GRAPH_APP_ID)?;
    let mut attrs = graph.entry.attrs.clone();
    for (attr, missing) in missing(&graph.entry) {
        let there = graph.entry.get(attr).map(Value::as_slice);
        let all = [there.unwrap_or_default(), &missing].concat();
        attrs.set(attr, Value::List(all));
    }
    edit::save(tx, context, graph, attrs)?;
    Ok(())
}

/// What we serve and this service principal of Microsoft Graph does not offer; nothing of a kind that is whole.
fn missing(graph: &Entry) -> Vec<(Attr, Vec<Value>)> {
    let mut missing = Vec::new();
    for (attr, mut offered) in offered() {
        let there = graph.get(attr).map(Value::as_slice).unwrap_or_default();
        let there: BTreeSet<_> = there.iter().filter_map(role_id).collect();
        offered.retain(|it| role_id(it).is_some_and(|id| !there.contains(&id)));
        if !offered.is_empty() {
            missing.push((attr, offered));
        }
    }
    missing
}

/// The application permissions and the delegated ones, as the service principal shows them.
fn offered() -> [(Attr, Vec<Value>); 2] {
    let roles = PERMISSIONS.iter().filter_map(|permission| {
        let id = permission.role?;
        Some(app_role(
            id,
            &["Application"],
            permission.name,
            permission.name,
            Some(permission.name),
        ))
    });
    let scopes = PERMISSIONS.iter().filter_map(|permission| {
        let id = permission.scope?;
        // Reading one's own profile is the one permission a user may grant for himself.
        let kind = if permission.name == "User.Read" {
            "User"
        } else {
            "Admin"
        };
        Some(permission_scope(
            id,
            kind,
            permission.name,
            permission.name,
            permission.name,
        ))
    });
    [
        (Attr::APP_ROLES, roles.collect()),
        (Attr::OAUTH2_PERMISSION_SCOPES, scopes.collect()),
    ]
}

/// The service principal of a public client that every tenant knows; `None` for any other application.
pub(crate) fn of_public_client(context: &Context<'_>, app_id: AppId) -> Option<Entry> {
    let (_, name) = PUBLIC_CLIENTS.iter().find(|(known, _)| *known == app_id)?;
    let mut draft = of_microsoft(context, app_id, name);
    draft
        .attrs
        .set(Attr::REPLY_URLS, texts(&["http://localhost"]));
    Some(draft)
}

fn of_microsoft(context: &Context<'_>, app_id: AppId, name: &str) -> Entry {
    let attrs = Attrs::new()
        .with(Attr::ACCOUNT_ENABLED, true)
        .with(Attr::APP_DISPLAY_NAME, name)
        .with(Attr::APP_ID, Value::Guid(app_id.0))
        .with(
            Attr::APP_OWNER_ORGANIZATION_ID,
            Value::Guid(MICROSOFT_TENANT_ID),
        )
        .with(Attr::APP_ROLE_ASSIGNMENT_REQUIRED, false)
        .with(Attr::CREATED_DATE_TIME, Value::Time(context.now))
        .with(Attr::DISPLAY_NAME, name)
        .with(Attr::PUBLISHER_NAME, "Microsoft Services")
        .with(Attr::SERVICE_PRINCIPAL_NAMES, texts(&[&app_id.to_string()]))
        .with(Attr::SERVICE_PRINCIPAL_TYPE, "Application")
        .with(Attr::SIGN_IN_AUDIENCE, "AzureADMultipleOrgs");
    Entry {
        id: context.ids.object_id(),
        kind: EntityKind::ServicePrincipal,
        attrs,
    }
}
