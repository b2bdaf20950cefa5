//! Writes objects together with the unique values they hold: sets of new ones, and one changed or
//! moved one.

use syncline_model::{Attrs, EntityKind, Entry, ObjectId, Problem};
use syncline_store::{BEING_PURGED, ObjectState, Stored, Tx};

use crate::Context;
use crate::service_principals::roles_changed;
use crate::unique::{KeyTable, conflict, keys_of};

/// Adds new live objects. Each is refused for itself: a draft that is no good, or a unique value
/// that is taken (by a stored object or by an earlier one of the batch), does not stop the others.
pub(crate) fn insert_many(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    drafts: Vec<Result<Entry, Problem>>,
) -> Result<Vec<Result<ObjectId, Problem>>, Problem> {
    let tenant = context.tenant_id();
    let mut keys = KeyTable::default();
    let wanted = drafts
        .iter()
        .flatten()
        .flat_map(|entry| keys_of(entry, ObjectState::Live));
    keys.load(tx, tenant, wanted)?;

    let mut entries = Vec::with_capacity(drafts.len());
    let mut results = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let entry = match draft {
            Ok(entry) => entry,
            Err(problem) => {
                results.push(Err(problem));
                continue;
            }
        };
        let wanted = keys_of(&entry, ObjectState::Live);
        results.push(match keys.claim(entry.kind, entry.id, &[], &wanted) {
            Ok(()) => {
                let id = entry.id;
                entries.push(entry);
                Ok(id)
            }
            Err(_) => Err(conflict(keys.taken(entry.id, &wanted))),
        });
    }
    tx.insert_objects(tenant, &entries, context.now)?;
    keys.store(tx, tenant)?;
    Ok(results)
}

/// Adds one new live object.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    draft: Entry,
) -> Result<Stored, Problem> {
    let kind = draft.kind;
    let id = match insert_many(tx, context, vec![Ok(draft)])?.pop() {
        Some(result) => result?,
        None => return Err(Problem::internal("nothing was inserted")),
    };
    reload(tx, context, kind, id)
}

/// Replaces the attributes of an object, which stays in its state. Writes nothing when nothing
/// differs, so that no reader of changes is woken.
pub(crate) fn save(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    before: Stored,
    attrs: Attrs,
) -> Result<Stored, Problem> {
    if before.entry.attrs == attrs {
        return Ok(before);
    }
    let state = before.state;
    write(
        tx,
        context,
        &before,
        Entry {
            attrs,
            ..before.entry.clone()
        },
        state,
    )
}

/// Moves an object to another state, with its attributes as given.
pub(crate) fn transfer(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    before: &Stored,
    attrs: Attrs,
    state: ObjectState,
) -> Result<Stored, Problem> {
    write(
        tx,
        context,
        before,
        Entry {
            attrs,
            ..before.entry.clone()
        },
        state,
    )
}

/// Takes its attributes and unique values from an object that is being deleted for good.
pub(crate) fn empty(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    before: &Stored,
) -> Result<(), Problem> {
    let tenant = context.tenant_id();
    let entry = Entry {
        attrs: Attrs::new(),
        ..before.entry.clone()
    };
    let held = keys_of(&before.entry, before.state);
    let mut keys = KeyTable::default();
    keys.load(tx, tenant, held.iter().cloned())?;
    keys.claim(entry.kind, entry.id, &held, &[])
        .map_err(|_| Problem::internal("a unique value was refused that nobody asked for"))?;
    tx.move_objects(tenant, &[entry], ObjectState::Deleted, BEING_PURGED)?;
    keys.store(tx, tenant)?;
    Ok(())
}

fn write(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    before: &Stored,
    entry: Entry,
    state: ObjectState,
) -> Result<Stored, Problem> {
    let tenant = context.tenant_id();
    let held = keys_of(&before.entry, before.state);
    let mut wanted = keys_of(&entry, state);
    let mut keys = KeyTable::default();
    keys.load(tx, tenant, held.iter().chain(&wanted).cloned())?;
    keys.without_old_doubles(entry.id, &held, &mut wanted);
    keys.claim(entry.kind, entry.id, &held, &wanted)
        .map_err(|_| conflict(keys.taken(entry.id, &wanted)))?;
    let (kind, id) = (entry.kind, entry.id);
    if state == before.state {
        tx.update_objects(tenant, &[entry])?;
    } else {
        tx.move_objects(tenant, &[entry], state, context.now)?;
    }
    keys.store(tx, tenant)?;
    let after = reload(tx, context, kind, id)?;
    if kind == EntityKind::ServicePrincipal {
        roles_changed::note(tx, context, before, &after)?;
    }
    Ok(after)
}

fn reload(
    tx: &Tx<'_>,
    context: &Context<'_>,
    kind: EntityKind,
    id: ObjectId,
) -> Result<Stored, Problem> {
    tx.objects(context.tenant_id(), kind, &[id])?
        .pop()
        .ok_or_else(|| Problem::not_found(id))
}
