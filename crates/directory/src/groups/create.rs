//! Creates groups.

use syncline_model::{
    Attr, Attrs, EntityKind, Entry, ObjectId, Problem, Schema, Value, is_role_assignable,
};
use syncline_store::{Stored, Tx};

use super::{add_members, add_owners, kinds};
use crate::{Context, addresses, edit, identifiers, values};

/// A group to be created, with its first members and owners.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewGroup {
    pub attrs: Attrs,
    pub members: Vec<ObjectId>,
    pub owners: Vec<ObjectId>,
}

/// Creates a group. Nothing is created when a member or owner does not exist (the caller's
/// transaction is to be given up with the problem).
pub fn create(tx: &mut Tx<'_>, context: &Context<'_>, group: NewGroup) -> Result<Stored, Problem> {
    let schema = tx.schema(context.tenant_id())?;
    let entry = draft(&schema, context, group.attrs)?;
    let stored = edit::insert(tx, context, entry)?;
    add_owners(tx, context, stored.entry.id, &group.owners)?;
    if !group.members.is_empty() {
        add_members(tx, context, stored.entry.id, &group.members)?;
    }
    Ok(stored)
}

fn draft(schema: &Schema, context: &Context<'_>, given: Attrs) -> Result<Entry, Problem> {
    if let Some(visibility) = given.get(Attr::VISIBILITY) {
        kinds::check_hides_nobody(None, visibility)?;
    }
    let mut attrs = values::of_new(schema, EntityKind::Group, given)?;
    kinds::check(&attrs)?;
    kinds::settle_visibility(None, &mut attrs)?;
    if is_role_assignable(&attrs) && !attrs.contains(Attr::VISIBILITY) {
        // As in Graph: nobody asks to join it.
        attrs.set(Attr::VISIBILITY, "Private");
    }
    if kinds::is_unified(&attrs) {
        if let (Some(alias), false) = (attrs.text(Attr::MAIL_NICKNAME), attrs.contains(Attr::MAIL))
        {
            let mail = format!("{alias}@{}", context.tenant.default_domain());
            attrs.set(Attr::MAIL, mail);
        }
        if !attrs.contains(Attr::VISIBILITY) {
            attrs.set(Attr::VISIBILITY, "Public");
        }
    }
    addresses::follow_mail(&mut attrs);
    let id = context.ids.object_id();
    attrs.set(Attr::CREATED_DATE_TIME, Value::Time(context.now));
    attrs.set(Attr::RENEWED_DATE_TIME, Value::Time(context.now));
    attrs.set(
        Attr::SECURITY_IDENTIFIER,
        identifiers::security_identifier(id),
    );
    Ok(Entry {
        id,
        kind: EntityKind::Group,
        attrs,
    })
}
