//! The service principals every tenant has without an application of its own.

use syncline_model::graph_permission::PERMISSIONS;
use syncline_model::well_known::{GRAPH_APP_ID, GRAPH_POWERSHELL_APP_ID};
use syncline_model::{AppId, Attr, Attrs, EntityKind, Entry, ObjectId, Problem, Value};
use syncline_store::Tx;

use super::well_known::MICROSOFT_TENANT_ID;
use crate::applications::{app_role, permission_scope, texts};
use crate::{Context, edit};

/// Creates the service principal of Microsoft Graph, with every permission we serve.
pub(super) fn create(tx: &mut Tx<'_>, context: &Context<'_>) -> Result<ObjectId, Problem> {
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
    let names = [
        "https://graph.microsoft.com".to_owned(),
        GRAPH_APP_ID.to_string(),
    ];
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut draft = of_microsoft(context, GRAPH_APP_ID, "Microsoft Graph");
    draft
        .attrs
        .set(Attr::APP_ROLES, Value::List(roles.collect()));
    draft.attrs.set(
        Attr::OAUTH2_PERMISSION_SCOPES,
        Value::List(scopes.collect()),
    );
    draft
        .attrs
        .set(Attr::SERVICE_PRINCIPAL_NAMES, texts(&names));
    Ok(edit::insert(tx, context, draft)?.entry.id)
}

/// Creates the service principal of the public client that Graph PowerShell signs in with.
pub(super) fn create_powershell_client(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
) -> Result<(), Problem> {
    let mut draft = of_microsoft(
        context,
        GRAPH_POWERSHELL_APP_ID,
        "Microsoft Graph Command Line Tools",
    );
    draft
        .attrs
        .set(Attr::REPLY_URLS, texts(&["http://localhost"]));
    edit::insert(tx, context, draft)?;
    Ok(())
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
