//! Registers applications.

use syncline_model::{Attr, Attrs, EntityKind, Entry, Problem, Value};
use syncline_store::{Stored, Tx};

use super::{redirect_uris, shapes};
use crate::{Context, edit, values};

/// Registers an application with a new client id. What the caller leaves out gets the value Graph
/// gives it.
pub fn create(tx: &mut Tx<'_>, context: &Context<'_>, given: Attrs) -> Result<Stored, Problem> {
    let schema = tx.schema(context.tenant_id())?;
    let mut attrs = values::of_new(&schema, EntityKind::Application, given)?;
    check_app_roles(EntityKind::Application, &attrs)?;
    redirect_uris::check(None, &attrs)?;
    attrs.set(Attr::APP_ID, Value::Guid(context.ids.random_uuid()));
    attrs.set(Attr::CREATED_DATE_TIME, Value::Time(context.now));
    attrs.set(Attr::PUBLISHER_DOMAIN, context.tenant.default_domain());
    let defaults = [
        (Attr::SIGN_IN_AUDIENCE, Value::text("AzureADMyOrg")),
        (Attr::API, shapes::api(Vec::new())),
        (Attr::INFO, shapes::info()),
        (
            Attr::PARENTAL_CONTROL_SETTINGS,
            shapes::parental_control_settings(),
        ),
        (Attr::PUBLIC_CLIENT, shapes::redirects()),
        (Attr::SPA, shapes::redirects()),
        (Attr::VERIFIED_PUBLISHER, shapes::verified_publisher()),
        (Attr::WEB, shapes::web(None)),
    ];
    for (attr, value) in defaults {
        if !attrs.contains(attr) {
            attrs.set(attr, value);
        }
    }
    edit::insert(
        tx,
        context,
        Entry {
            id: context.ids.object_id(),
            kind: EntityKind::Application,
            attrs,
        },
    )
}

/// Every app role has an id of its own and a name.
pub(crate) fn check_app_roles(kind: EntityKind, attrs: &Attrs) -> Result<(), Problem> {
    let roles = attrs.get(Attr::APP_ROLES).map_or(&[][..], Value::as_slice);
    let mut ids = Vec::with_capacity(roles.len());
    for role in roles {
        let id = shapes::role_id(role).filter(|id| !id.is_nil() && !ids.contains(id));
        let named = role
            .member("displayName")
            .and_then(Value::as_text)
            .is_some_and(|name| !name.is_empty());
        match id {
            Some(id) if named => ids.push(id),
            _ => return Err(values::invalid(kind, "appRoles")),
        }
    }
    Ok(())
}
