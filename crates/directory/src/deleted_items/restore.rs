//! Restores an object from the recycle bin.

use syncline_model::{Attr, EntityKind, ObjectId, Problem, Value};
use syncline_store::{Stored, Tx};

use super::find::recycled;
use super::purge::being_purged;
use crate::{Context, lifecycle, users, values};

/// Makes a soft-deleted object live again, with its id, references and assignments. Refused with
/// 400 when its userPrincipalName or an address was taken meanwhile; `new_user_principal_name`
/// helps against the first.
pub fn restore(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    id: ObjectId,
    new_user_principal_name: Option<&str>,
) -> Result<Stored, Problem> {
    let object = recycled(tx, context.tenant_id(), id)?;
    if being_purged(tx, context.tenant_id())? == Some(id) {
        return Err(Problem::not_found(id));
    }
    let mut attrs = object.entry.attrs.clone();
    if let Some(name) = new_user_principal_name {
        if object.entry.kind != EntityKind::User {
            return Err(Problem::bad_request(
                "newUserPrincipalName is for users only.",
            ));
        }
        let schema = tx.schema(context.tenant_id())?;
        attrs = values::changed(
            &schema,
            EntityKind::User,
            &attrs,
            &[(Attr::USER_PRINCIPAL_NAME, Some(Value::text(name)))],
        )?;
        values::check_domain(context.tenant, name)?;
        users::follow_user_principal_name(&mut attrs);
    }
    lifecycle::restore(tx, context, &object, attrs)
}
