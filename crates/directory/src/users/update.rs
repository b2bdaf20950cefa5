//! Changes a user.

use syncline_model::{Attr, Attrs, EntityKind, Entry, ObjectId, Problem, Schema, Value};
use syncline_store::{Stored, Tx};

use super::identities;
use crate::{Context, addresses, edit, load, values};

/// Sets (or with `None` clears) attributes of a live user. Writes nothing when nothing differs.
pub fn update(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    id: ObjectId,
    changes: &[(Attr, Option<Value>)],
) -> Result<Stored, Problem> {
    let before = load::live(tx, context.tenant_id(), EntityKind::User, id)?;
    let schema = tx.schema(context.tenant_id())?;
    let attrs = changed(&schema, context, &before.entry, changes)?;
    edit::save(tx, context, before, attrs)
}

/// What [`update`] would make of this user, or would refuse about these changes, together with what the user has already;
/// whether unique values are free is seen only when they are made. `schema` is the tenant's. For those who check many
/// before they change the first.
pub fn check_update(
    schema: &Schema,
    context: &Context<'_>,
    before: &Stored,
    changes: &[(Attr, Option<Value>)],
) -> Result<Attrs, Problem> {
    changed(schema, context, &before.entry, changes)
}

/// The attributes with these changes, and with what follows from them.
fn changed(
    schema: &Schema,
    context: &Context<'_>,
    before: &Entry,
    changes: &[(Attr, Option<Value>)],
) -> Result<Attrs, Problem> {
    let mut attrs = values::changed(schema, EntityKind::User, &before.attrs, changes)?;
    let differs = |attr: Attr| attrs.get(attr) != before.get(attr);
    let (renamed, mail_changed) = (differs(Attr::USER_PRINCIPAL_NAME), differs(Attr::MAIL));
    if renamed {
        if let Some(name) = attrs.text(Attr::USER_PRINCIPAL_NAME) {
            values::check_domain(context.tenant, name)?;
        }
        identities::follow_user_principal_name(&mut attrs);
    }
    if mail_changed {
        addresses::follow_mail(&mut attrs);
    }
    Ok(attrs)
}
