//! Changes a service principal.

use syncline_model::{Attr, EntityKind, ObjectId, Problem, Value};
use syncline_store::{Stored, Tx};

use crate::applications::{check_app_roles, check_redirect_uris};
use crate::{Context, edit, load, values};

/// Sets (or with `None` clears) attributes of a live service principal. Writes nothing when
/// nothing differs.
pub fn update(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    id: ObjectId,
    changes: &[(Attr, Option<Value>)],
) -> Result<Stored, Problem> {
    let before = load::live(tx, context.tenant_id(), EntityKind::ServicePrincipal, id)?;
    let schema = tx.schema(context.tenant_id())?;
    let attrs = values::changed(
        &schema,
        EntityKind::ServicePrincipal,
        &before.entry.attrs,
        changes,
    )?;
    check_app_roles(EntityKind::ServicePrincipal, &attrs)?;
    check_redirect_uris(Some(&before.entry.attrs), &attrs)?;
    edit::save(tx, context, before, attrs)
}
