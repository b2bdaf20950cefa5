//! Lets a service principal follow its application.

use syncline_model::same_value::is_same;
use syncline_model::{AppId, Attr, Attrs, Problem, ProblemKind, TenantId};
use syncline_store::{Key, KeyName, Reader, Stored, Tx};

use super::create::{copy_from_application, shown_of};
use crate::{Context, applications, edit, load};

/// Brings what changed of an application into its live service principal in this tenant. What differed between the two
/// before stays as it is: redirect URIs of its own, and app roles that builds took that did not ask whether the
/// application has them. Somebody may hold those, and be in scope by them. The display name follows as long as it was the
/// application's.
pub(crate) fn follow_application(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    before: &Stored,
    after: &Stored,
) -> Result<(), Problem> {
    let Some(service_principal) = live_of(tx, context.tenant_id(), after)? else {
        return Ok(());
    };
    let mut attrs = service_principal.entry.attrs.clone();
    let name = |it: &Stored| it.entry.get(Attr::DISPLAY_NAME).cloned();
    if name(&service_principal) == name(before) {
        attrs.put(Attr::DISPLAY_NAME, name(after));
    }
    for ((attr, was), (_, is)) in shown_of(before).into_iter().zip(shown_of(after)) {
        if !is_same(was, is) {
            attrs.put(attr, is.cloned());
        }
    }
    edit::save(tx, context, service_principal, attrs)?;
    Ok(())
}

/// Brings the live service principal of an application that came out of the recycle bin in step with it: one that was
/// restored before had nothing to follow.
pub(crate) fn follow_restored(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    application: &Stored,
) -> Result<(), Problem> {
    let Some(service_principal) = live_of(tx, context.tenant_id(), application)? else {
        return Ok(());
    };
    let mut attrs = service_principal.entry.attrs.clone();
    bring_in_step(&mut attrs, application);
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
    match applications::find_by_app_id(reader, tenant, AppId(app_id)) {
        Ok(application) => bring_in_step(attrs, &application),
        Err(problem) if problem.kind == ProblemKind::NotFound => {}
        Err(problem) => return Err(problem),
    }
    Ok(())
}

fn bring_in_step(attrs: &mut Attrs, application: &Stored) {
    if attrs.get(Attr::DISPLAY_NAME) == attrs.get(Attr::APP_DISPLAY_NAME) {
        attrs.put(
            Attr::DISPLAY_NAME,
            application.entry.get(Attr::DISPLAY_NAME).cloned(),
        );
    }
    copy_from_application(attrs, application);
}

/// The live service principal of an application.
fn live_of(
    reader: &Reader<'_>,
    tenant: TenantId,
    application: &Stored,
) -> Result<Option<Stored>, Problem> {
    let Some(app_id) = application.entry.guid(Attr::APP_ID).map(AppId) else {
        return Ok(None);
    };
    let key = Key::new(KeyName::ServicePrincipalAppId, &app_id.to_string());
    let holder = reader.holder(tenant, &key)?;
    holder
        .map(|(kind, id)| load::live(reader, tenant, kind, id))
        .transpose()
}
