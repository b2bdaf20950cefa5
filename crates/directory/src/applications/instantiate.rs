//! Makes a configuration: an application and its service principal from a template.

use syncline_model::{Attr, Attrs, Problem, Value};
use syncline_store::{Stored, Tx};

use super::templates::HOME_PAGE;
use super::{create, shapes, template};
use crate::{Context, edit, service_principals};

/// Marks a service principal that shows among the enterprise applications.
const TAG: &str = "WindowsAzureActiveDirectoryIntegratedApp";

/// Creates the application and the service principal of a configuration. Names need not be unique;
/// 404 for an unknown template.
pub fn instantiate(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    template_id: &str,
    display_name: &str,
) -> Result<(Stored, Stored), Problem> {
    let template = template(template_id)?;
    let scope = shapes::permission_scope(
        context.ids.random_uuid(),
        "User",
        &format!("Access {display_name}"),
        &format!("Allow the application to access {display_name} on behalf of the signed-in user."),
        "user_impersonation",
    );
    let role = shapes::app_role(
        context.ids.random_uuid(),
        &["User"],
        "msiam_access",
        "msiam_access",
        None,
    );
    let attrs = Attrs::new()
        .with(Attr::DISPLAY_NAME, display_name)
        .with(Attr::APPLICATION_TEMPLATE_ID, template.id)
        .with(Attr::APP_ROLES, Value::List(vec![role]))
        .with(Attr::API, shapes::api(vec![scope]))
        .with(Attr::IS_FALLBACK_PUBLIC_CLIENT, false)
        .with(Attr::WEB, shapes::web(Some(HOME_PAGE)));
    let application = create(tx, context, attrs)?;

    let mut draft = service_principals::of_application(context, &application);
    draft.attrs.set(Attr::APPLICATION_TEMPLATE_ID, template.id);
    draft.attrs.set(Attr::APP_ROLE_ASSIGNMENT_REQUIRED, true);
    draft.attrs.set(Attr::HOMEPAGE, HOME_PAGE);
    draft.attrs.set(Attr::TAGS, shapes::texts(&[TAG]));
    let service_principal = edit::insert(tx, context, draft)?;
    Ok((application, service_principal))
}
