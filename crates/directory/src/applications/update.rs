//! Changes an application; its service principal in the same tenant follows.

use syncline_model::{Attr, EntityKind, ObjectId, Problem, Value};
use syncline_store::{Stored, Tx};

use super::create::check_app_roles;
use super::redirect_uris;
use crate::{Context, edit, load, service_principals, values};

/// Sets (or with `None` clears) attributes of a live application. Writes nothing when nothing
/// differs.
pub fn update(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    id: ObjectId,
    changes: &[(Attr, Option<Value>)],
) -> Result<Stored, Problem> {
    let before = load::live(tx, context.tenant_id(), EntityKind::Application, id)?;
    let schema = tx.schema(context.tenant_id())?;
    let attrs = values::changed(
        &schema,
        EntityKind::Application,
        &before.entry.attrs,
        changes,
    )?;
    check_app_roles(EntityKind::Application, &attrs)?;
    redirect_uris::check(Some(&before.entry.attrs), &attrs)?;
    let after = edit::save(tx, context, before.clone(), attrs)?;
    service_principals::follow_application(tx, context, &before, &after)?;
    Ok(after)
}
