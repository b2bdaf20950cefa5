//! Changes a group.

use syncline_model::{Attr, EntityKind, ObjectId, Problem, Value};
use syncline_store::{Stored, Tx};

use super::kinds;
use crate::{Context, addresses, edit, load, values};

/// Sets (or with `None` clears) attributes of a live group. Writes nothing when nothing differs.
pub fn update(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    id: ObjectId,
    changes: &[(Attr, Option<Value>)],
) -> Result<Stored, Problem> {
    let before = load::live(tx, context.tenant_id(), EntityKind::Group, id)?;
    let schema = tx.schema(context.tenant_id())?;
    let given = changes.iter().find(|(attr, _)| *attr == Attr::VISIBILITY);
    if let Some((_, Some(visibility))) = given {
        kinds::check_hides_nobody(Some(&before.entry.attrs), visibility)?;
    }
    let mut attrs = values::changed(&schema, EntityKind::Group, &before.entry.attrs, changes)?;
    let touches_kind = [
        Attr::MAIL_ENABLED,
        Attr::SECURITY_ENABLED,
        Attr::GROUP_TYPES,
        Attr::MEMBERSHIP_RULE,
    ]
    .into_iter()
    .any(|attr| attrs.get(attr) != before.entry.get(attr));
    if touches_kind {
        kinds::check(&attrs)?;
    }
    kinds::settle_visibility(Some(&before.entry.attrs), &mut attrs)?;
    if attrs.get(Attr::MAIL) != before.entry.get(Attr::MAIL) {
        addresses::follow_mail(&mut attrs);
    }
    edit::save(tx, context, before, attrs)
}
