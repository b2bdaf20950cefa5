//! Creates service principals.

use syncline_model::{AppId, Attr, Attrs, EntityKind, Entry, Problem, ProblemKind, Value};
use syncline_store::{Stored, Tx};

use super::names;
use crate::applications;
use crate::tenants::of_public_client;
use crate::{Context, edit};

/// Creates the service principal of an application that is registered in this tenant, or of a public client that
/// every tenant knows.
pub fn create(tx: &mut Tx<'_>, context: &Context<'_>, app_id: AppId) -> Result<Stored, Problem> {
    let draft = match applications::find_by_app_id(tx, context.tenant_id(), app_id) {
        Ok(application) => of_application(context, &application),
        Err(problem) if problem.kind == ProblemKind::NotFound => {
            if let Some(draft) = of_public_client(context, app_id) {
                return edit::insert(tx, context, draft);
            }
            let message = format!(
                "The appId '{app_id}' of the service principal does not reference a valid application object."
            );
            return Err(Problem::bad_request(message.clone()).with_detail(
                "NoBackingApplicationObject",
                message,
                Some("appId"),
            ));
        }
        Err(problem) => return Err(problem),
    };
    edit::insert(tx, context, draft)
}

/// The service principal of an application of this tenant.
pub(crate) fn of_application(context: &Context<'_>, application: &Stored) -> Entry {
    let mut attrs = Attrs::new()
        .with(Attr::ACCOUNT_ENABLED, true)
        .with(
            Attr::APP_OWNER_ORGANIZATION_ID,
            Value::Guid(context.tenant_id().0),
        )
        .with(Attr::APP_ROLE_ASSIGNMENT_REQUIRED, false)
        .with(Attr::CREATED_DATE_TIME, Value::Time(context.now))
        .with(Attr::PUBLISHER_NAME, context.tenant.display_name.as_str())
        .with(Attr::SERVICE_PRINCIPAL_TYPE, "Application");
    if let Some(app_id) = application.entry.guid(Attr::APP_ID) {
        attrs.set(Attr::APP_ID, Value::Guid(app_id));
    }
    attrs.set(
        Attr::SERVICE_PRINCIPAL_NAMES,
        names::of_application(application),
    );
    attrs.put(
        Attr::DISPLAY_NAME,
        application.entry.get(Attr::DISPLAY_NAME).cloned(),
    );
    copy_from_application(&mut attrs, application);
    Entry {
        id: context.ids.object_id(),
        kind: EntityKind::ServicePrincipal,
        attrs,
    }
}

/// What a service principal shows of its application and never holds by itself.
pub(super) fn copy_from_application(attrs: &mut Attrs, application: &Stored) {
    for (attr, value) in shown_of(application) {
        attrs.put(attr, value.cloned());
    }
}

/// What an application gives its service principal to show.
pub(super) fn shown_of(application: &Stored) -> [(Attr, Option<&Value>); 8] {
    let own = |attr| application.entry.get(attr);
    let member = |attr, name| own(attr).and_then(|it| it.member(name));
    [
        (Attr::APP_DISPLAY_NAME, own(Attr::DISPLAY_NAME)),
        (Attr::APP_DESCRIPTION, own(Attr::DESCRIPTION)),
        (Attr::APP_ROLES, own(Attr::APP_ROLES)),
        (Attr::INFO, own(Attr::INFO)),
        (Attr::SIGN_IN_AUDIENCE, own(Attr::SIGN_IN_AUDIENCE)),
        (Attr::VERIFIED_PUBLISHER, own(Attr::VERIFIED_PUBLISHER)),
        (
            Attr::OAUTH2_PERMISSION_SCOPES,
            member(Attr::API, "oauth2PermissionScopes"),
        ),
        (Attr::REPLY_URLS, member(Attr::WEB, "redirectUris")),
    ]
}
