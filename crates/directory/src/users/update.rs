//! Changes a user.

use syncline_model::{Attr, EntityKind, ObjectId, Problem, Value};
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
    let mut attrs = values::changed(&schema, EntityKind::User, &before.entry.attrs, changes)?;
    let differs = |attr: Attr| attrs.get(attr) != before.entry.get(attr);
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
    edit::save(tx, context, before, attrs)
}
