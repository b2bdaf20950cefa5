//! A user's manager.

use std::collections::HashMap;

use syncline_model::{EntityKind, ObjectId, Problem, TenantId};
use syncline_store::{Edge, EdgeKind, Reader, Stored, Tx};

use crate::{Context, load};

/// The manager of a live user; `None` when there is none, or none that is live.
pub fn manager(
    reader: &Reader<'_>,
    tenant: TenantId,
    user: ObjectId,
) -> Result<Option<Stored>, Problem> {
    load::live(reader, tenant, EntityKind::User, user)?;
    let Some(manager) = reader
        .single_edges(tenant, EdgeKind::Manager, &[user])?
        .pop()
        .flatten()
    else {
        return Ok(None);
    };
    let found = load::many(reader, tenant, &[EntityKind::User], &[manager])?.pop();
    Ok(found.filter(load::is_live))
}

/// Sets the manager of a live user to another live user; 400 when it is the user.
pub fn set_manager(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    user: ObjectId,
    manager: ObjectId,
) -> Result<(), Problem> {
    load::live(tx, context.tenant_id(), EntityKind::User, user)?;
    load::live(tx, context.tenant_id(), EntityKind::User, manager)?;
    if user == manager {
        return Err(Problem::invalid_value("manager", "User"));
    }
    set_managers(tx, context, &[(user, manager)])
}

/// Sets the managers of many users, all of which the caller has just found or created. Those that
/// have that manager already are left as they are; says nothing about which they were.
pub fn set_managers(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    pairs: &[(ObjectId, ObjectId)],
) -> Result<(), Problem> {
    let tenant = context.tenant_id();
    // The last word counts when a user is named twice.
    let wanted: HashMap<ObjectId, ObjectId> = pairs.iter().copied().collect();
    let users: Vec<ObjectId> = pairs
        .iter()
        .filter(|(user, manager)| wanted.get(user) == Some(manager))
        .map(|(user, _)| *user)
        .collect();
    let current = tx.single_edges(tenant, EdgeKind::Manager, &users)?;
    let mut removed = Vec::new();
    let mut added = Vec::new();
    for (user, current) in users.into_iter().zip(current) {
        let Some(manager) = wanted.get(&user).copied() else {
            continue;
        };
        if current == Some(manager) {
            continue;
        }
        removed.extend(current.map(|to| Edge {
            kind: EdgeKind::Manager,
            from: user,
            to,
        }));
        added.push(Edge {
            kind: EdgeKind::Manager,
            from: user,
            to: manager,
        });
    }
    tx.remove_edges(tenant, &removed)?;
    tx.add_edges(tenant, &added)?;
    Ok(())
}

/// Removes the manager of a live user, also one who is in the recycle bin; 404 when there is none.
pub fn remove_manager(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    user: ObjectId,
) -> Result<(), Problem> {
    let tenant = context.tenant_id();
    load::live(tx, tenant, EntityKind::User, user)?;
    let found = tx.single_edges(tenant, EdgeKind::Manager, &[user])?;
    let Some(manager) = found.into_iter().flatten().next() else {
        return Err(Problem::not_found("manager"));
    };
    let edge = Edge {
        kind: EdgeKind::Manager,
        from: user,
        to: manager,
    };
    tx.remove_edges(tenant, &[edge])?;
    Ok(())
}
