//! Lets a service principal follow its application.

use syncline_model::{AppId, Attr, Attrs, Problem, ProblemKind, TenantId};
use syncline_store::{Key, KeyName, Reader, Stored, Tx};

use super::create::copy_from_application;
use crate::{Context, applications, edit, load};

/// Brings the live service principal of an application in this tenant in step with it. The display
/// name follows as long as it was the application's.
pub(crate) fn follow_application(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    app_id: AppId,
    before: &Stored,
    after: &Stored,
) -> Result<(), Problem> {
    let key = Key::new(KeyName::ServicePrincipalAppId, &app_id.to_string());
    let Some((kind, id)) = tx.holder(context.tenant_id(), &key)? else {
        return Ok(());
    };
    let service_principal = load::live(tx, context.tenant_id(), kind, id)?;
    let mut attrs = service_principal.entry.attrs.clone();
    if attrs.get(Attr::DISPLAY_NAME) == before.entry.get(Attr::DISPLAY_NAME) {
        attrs.put(
            Attr::DISPLAY_NAME,
            after.entry.get(Attr::DISPLAY_NAME).cloned(),
        );
    }
    copy_from_application(&mut attrs, after);
    edit::save(tx, context, service_principal, attrs)?;
    Ok(())
}

/// Brings what a service principal in the recycle bin shows in step with its live application, which it did not
/// follow there: redirect URIs, app roles and scopes that were withdrawn meanwhile are not to be honoured again. Without
/// a live application it stays as it was, and follows when that is restored.
pub(crate) fn catch_up(
    reader: &Reader<'_>,
    tenant: TenantId,
    attrs: &mut Attrs,
) -> Result<(), Problem> {
    let Some(app_id) = attrs.guid(Attr::APP_ID) else {
        return Ok(());
    };
    let application = match applications::find_by_app_id(reader, tenant, AppId(app_id)) {
        Ok(application) => application,
        Err(problem) if problem.kind == ProblemKind::NotFound => return Ok(()),
        Err(problem) => return Err(problem),
    };
    if attrs.get(Attr::DISPLAY_NAME) == attrs.get(Attr::APP_DISPLAY_NAME) {
        attrs.put(
            Attr::DISPLAY_NAME,
            application.entry.get(Attr::DISPLAY_NAME).cloned(),
        );
    }
    copy_from_application(attrs, &application);
    Ok(())
}
