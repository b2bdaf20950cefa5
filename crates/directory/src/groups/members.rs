//! The members of a group.

use std::collections::HashSet;

use syncline_model::{EntityKind, ObjectId, Problem, TenantId, is_role_assignable};
use syncline_store::{Edge, EdgeKind, Reader, Stored, Tx};

use super::kinds;
use crate::{Context, edges, load};

/// What may be in a group.
pub(crate) const MEMBER_KINDS: [EntityKind; 3] = [
    EntityKind::User,
    EntityKind::Group,
    EntityKind::ServicePrincipal,
];

/// A page of the live direct members of a live group, by id, after `after`.
pub fn members(
    reader: &Reader<'_>,
    tenant: TenantId,
    group: ObjectId,
    after: Option<ObjectId>,
    limit: usize,
) -> Result<Vec<Stored>, Problem> {
    load::live(reader, tenant, EntityKind::Group, group)?;
    edges::visible(
        reader,
        tenant,
        EdgeKind::Member,
        edges::End::To,
        group,
        &MEMBER_KINDS,
        after,
        limit,
    )
}

/// Adds members. Named twice counts once; when one of them is a member already, none is added.
pub fn add_members(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    group: ObjectId,
    members: &[ObjectId],
) -> Result<(), Problem> {
    let tenant = context.tenant_id();
    let filled = load::live(tx, tenant, EntityKind::Group, group)?;
    refuse_dynamic(&filled)?;
    let mut members = members.to_vec();
    members.sort_unstable();
    members.dedup();
    if members.contains(&group) {
        return Err(Problem::bad_request(
            "A group cannot be a member of itself.",
        ));
    }
    let found = load::many(tx, tenant, &MEMBER_KINDS, &members)?;
    let live: HashSet<ObjectId> = found
        .iter()
        .filter(|it| load::is_live(it))
        .map(|it| it.entry.id)
        .collect();
    if let Some(missing) = members.iter().find(|id| !live.contains(id)) {
        return Err(Problem::not_found(missing));
    }
    refuse_nesting(&filled, &found)?;
    let edges: Vec<Edge> = members
        .iter()
        .map(|to| Edge {
            kind: EdgeKind::Member,
            from: group,
            to: *to,
        })
        .collect();
    if tx.edges_exist(tenant, &edges)?.contains(&true) {
        return Err(Problem::bad_request(
            "One or more added object references already exist for the following modified properties: 'members'.",
        ));
    }
    tx.add_edges(tenant, &edges)?;
    Ok(())
}

/// Removes a member, also one that is in the recycle bin: it would be back when it is restored. 404 when it is none.
pub fn remove_member(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    group: ObjectId,
    member: ObjectId,
) -> Result<(), Problem> {
    let tenant = context.tenant_id();
    refuse_dynamic(&load::live(tx, tenant, EntityKind::Group, group)?)?;
    let removed = tx.remove_edges(
        tenant,
        &[Edge {
            kind: EdgeKind::Member,
            from: group,
            to: member,
        }],
    )?;
    if removed.contains(&true) {
        Ok(())
    } else {
        Err(Problem::not_found(member))
    }
}

/// Removes those of these who are members, and says how many that were.
pub fn remove_members(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    group: ObjectId,
    members: &[ObjectId],
) -> Result<u64, Problem> {
    let tenant = context.tenant_id();
    refuse_dynamic(&load::live(tx, tenant, EntityKind::Group, group)?)?;
    let mut members = members.to_vec();
    members.sort_unstable();
    members.dedup();
    let edges: Vec<Edge> = members
        .into_iter()
        .map(|to| Edge {
            kind: EdgeKind::Member,
            from: group,
            to,
        })
        .collect();
    let removed = tx.remove_edges(tenant, &edges)?;
    Ok(removed.into_iter().filter(|it| *it).count() as u64)
}

/// Whoever fills a group inside would give the roles of the outer one away.
fn refuse_nesting(group: &Stored, members: &[Stored]) -> Result<(), Problem> {
    let is_group = |it: &Stored| it.entry.kind == EntityKind::Group;
    if is_role_assignable(&group.entry.attrs) && members.iter().any(is_group) {
        return Err(Problem::bad_request(
            "A group with isAssignableToRole has no groups among its members: add their members one by one.",
        ));
    }
    Ok(())
}

fn refuse_dynamic(group: &Stored) -> Result<(), Problem> {
    if kinds::is_dynamic(&group.entry.attrs) {
        return Err(Problem::bad_request(
            "The members of a group with DynamicMembership follow from its membershipRule and cannot be changed.",
        ));
    }
    Ok(())
}
