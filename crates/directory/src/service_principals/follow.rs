//! Lets a service principal follow its application.

use syncline_model::same_value::is_same;
use syncline_model::{AppId, Attr, Attrs, ObjectId, Problem, ProblemKind, TenantId};
use syncline_store::{Key, KeyName, Reader, Stored, Tx};

use super::create::{copy_from_application, shown_of};
use super::followed::{self, Followed};
use super::names;
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
    follow(&mut attrs, &Followed::of(before), after);
    edit::save(tx, context, service_principal, attrs)?;
    Ok(())
}

/// Brings what changed of an application into its live service principal when it comes out of the recycle bin: one that
/// was restored before had nothing to follow.
pub(crate) fn follow_restored(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    application: &Stored,
) -> Result<(), Problem> {
    let Some(service_principal) = live_of(tx, context.tenant_id(), application)? else {
        return Ok(());
    };
    let mut attrs = service_principal.entry.attrs.clone();
    let id = service_principal.entry.id;
    follow_since(tx, context.tenant_id(), id, &mut attrs, application)?;
    edit::save(tx, context, service_principal, attrs)?;
    Ok(())
}

/// Brings what changed meanwhile of its live application into a service principal in the recycle bin, which did not
/// follow it there: redirect URIs, app roles and scopes that were withdrawn are not to be honoured again. Without
/// a live application it stays as it was, and follows when that is restored.
pub(crate) fn catch_up(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    id: ObjectId,
    attrs: &mut Attrs,
) -> Result<(), Problem> {
    match application_of(tx, tenant, attrs)? {
        Some(application) => follow_since(tx, tenant, id, attrs, &application),
        None => Ok(()),
    }
}

/// The live application of a service principal.
pub(super) fn application_of(
    reader: &Reader<'_>,
    tenant: TenantId,
    service_principal: &Attrs,
) -> Result<Option<Stored>, Problem> {
    let Some(app_id) = service_principal.guid(Attr::APP_ID).map(AppId) else {
        return Ok(None);
    };
    match applications::find_by_app_id(reader, tenant, app_id) {
        Err(problem) if problem.kind == ProblemKind::NotFound => Ok(None),
        found => found.map(Some),
    }
}

/// What changed since the service principal was deleted.
fn follow_since(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    id: ObjectId,
    attrs: &mut Attrs,
    application: &Stored,
) -> Result<(), Problem> {
    match followed::take(tx, tenant, id)? {
        Some(before) => follow(attrs, &before, application),
        // Nobody knows what is its own.
        None => bring_in_step(attrs, application),
    }
    Ok(())
}

fn follow(attrs: &mut Attrs, before: &Followed, application: &Stored) {
    if attrs.get(Attr::DISPLAY_NAME) == before.get(Attr::APP_DISPLAY_NAME) {
        attrs.put(
            Attr::DISPLAY_NAME,
            application.entry.get(Attr::DISPLAY_NAME).cloned(),
        );
    }
    for (attr, is) in shown_of(application) {
        if !is_same(before.get(attr), is) {
            attrs.put(attr, is.cloned());
        }
    }
    names::follow(attrs, before.get(Attr::IDENTIFIER_URIS), application);
}

fn bring_in_step(attrs: &mut Attrs, application: &Stored) {
    if attrs.get(Attr::DISPLAY_NAME) == attrs.get(Attr::APP_DISPLAY_NAME) {
        attrs.put(
            Attr::DISPLAY_NAME,
            application.entry.get(Attr::DISPLAY_NAME).cloned(),
        );
    }
    copy_from_application(attrs, application);
    names::follow(attrs, None, application);
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
