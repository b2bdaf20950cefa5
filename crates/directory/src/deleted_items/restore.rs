//! Restores an object from the recycle bin.

use syncline_model::{Attr, Attrs, EntityKind, ObjectId, Problem, Value};
use syncline_store::{Key, Stored, Tx};

use super::find::recycled;
use super::purge::being_purged;
use crate::unique::{KeyTable, address, addresses_of};
use crate::{Context, addresses, lifecycle, service_principals, users, values};

/// What helps against values that somebody else took while the object was in the recycle bin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restoration<'r> {
    /// The name a user gets instead of his own.
    pub new_user_principal_name: Option<&'r str>,
    /// Mail and proxy addresses that somebody else has are taken from the restored object.
    pub without_taken_addresses: bool,
    /// Mail and proxy addresses that somebody else is about to take are taken from it as well.
    pub without_addresses: &'r [Key],
}

/// Makes a soft-deleted object live again, with its id, references and assignments. Refused with
/// 400 when its userPrincipalName or an address was taken meanwhile and `how` does not help. Into a
/// service principal comes what changed of its application.
pub fn restore(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    id: ObjectId,
    how: Restoration<'_>,
) -> Result<Stored, Problem> {
    let object = recycled(tx, context.tenant_id(), id)?;
    if being_purged(tx, context.tenant_id())? == Some(id) {
        return Err(Problem::not_found(id));
    }
    let mut attrs = object.entry.attrs.clone();
    if let Some(name) = how.new_user_principal_name {
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
    if how.without_taken_addresses {
        remove_taken_addresses(tx, context, &object, &mut attrs)?;
    }
    if !how.without_addresses.is_empty() {
        addresses::remove(&mut attrs, |text| {
            how.without_addresses.contains(&address(text))
        });
    }
    if object.entry.kind == EntityKind::ServicePrincipal {
        service_principals::catch_up(tx, context.tenant_id(), id, &mut attrs)?;
    }
    let restored = lifecycle::restore(tx, context, &object, attrs)?;
    if restored.entry.kind == EntityKind::Application {
        service_principals::follow_restored(tx, context, &restored)?;
    }
    Ok(restored)
}

fn remove_taken_addresses(
    tx: &Tx<'_>,
    context: &Context<'_>,
    object: &Stored,
    attrs: &mut Attrs,
) -> Result<(), Problem> {
    let wanted = addresses_of(&object.entry);
    let mut keys = KeyTable::default();
    keys.load(tx, context.tenant_id(), wanted.iter().cloned())?;
    let taken = keys.taken(object.entry.id, &wanted);
    addresses::remove(attrs, |text| {
        let key = address(text);
        taken.iter().any(|it| it.key == key)
    });
    Ok(())
}
