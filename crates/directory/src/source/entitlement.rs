//! Which roles of the configuration objects hold: directly, or, of users, as direct members of a group.

use std::collections::{HashMap, HashSet};

use syncline_model::{Attr, EntityKind, ObjectId, Value};
use syncline_store::{Assignment, Edge, EdgeKind, ObjectState, Reader, Result, Stored};
use uuid::Uuid;

use super::LocalSource;
use crate::app_role_assignments::DEFAULT_ACCESS;
use crate::applications::role_id;

/// The name of the role that assignments without a role hold.
const DEFAULT_ACCESS_NAME: &str = "Default Access";

/// Up to this many assigned groups each user is looked up in each of them; beyond, the groups of
/// each user are listed.
const MOST_GROUPS_TO_PROBE: usize = 8;

/// At most so many groups of one user are looked at, at once.
const MEMBERSHIPS_AT_ONCE: usize = 500;

/// The names of the roles each of these objects holds; objects without any are left out. `users` are those of them to whom
/// their groups hand theirs on: a group inside of an assigned one is not assigned by that, or whoever may add members to it
/// would decide which groups leave the tenant.
pub(super) fn roles(
    source: &LocalSource,
    reader: &Reader<'_>,
    ids: &[ObjectId],
    users: &[ObjectId],
) -> Result<HashMap<ObjectId, Vec<String>>> {
    let names = RoleNames::load(source, reader)?;
    let mut held: HashMap<ObjectId, Vec<Uuid>> = HashMap::new();
    for assignment in reader.assignments_between(source.tenant, source.service_principal, ids)? {
        held.entry(assignment.principal())
            .or_default()
            .push(assignment.role);
    }
    let groups = assigned_groups(source, reader)?;
    for (member, group) in memberships(source, reader, users, &groups)? {
        if let Some(roles) = groups.get(&group) {
            held.entry(member).or_default().extend(roles);
        }
    }
    let named = held.into_iter().map(|(id, roles)| (id, names.of(roles)));
    Ok(named.collect())
}

/// The groups that hand their roles on now: assigned, live, and granting access.
fn assigned_groups(
    source: &LocalSource,
    reader: &Reader<'_>,
) -> Result<HashMap<ObjectId, Vec<Uuid>>> {
    let assignments = reader.assigned_groups(source.tenant, source.service_principal)?;
    let mut ids: Vec<ObjectId> = assignments.iter().map(Assignment::principal).collect();
    ids.dedup();
    let grants = |group: &Stored| {
        group.state == ObjectState::Live && group.entry.bool(Attr::SECURITY_ENABLED) != Some(false)
    };
    let live: HashSet<ObjectId> = reader
        .objects(source.tenant, EntityKind::Group, &ids)?
        .iter()
        .filter(|group| grants(group))
        .map(|group| group.entry.id)
        .collect();
    let mut groups: HashMap<ObjectId, Vec<Uuid>> = HashMap::new();
    for assignment in assignments
        .iter()
        .filter(|it| live.contains(&it.principal()))
    {
        groups
            .entry(assignment.principal())
            .or_default()
            .push(assignment.role);
    }
    Ok(groups)
}

/// Which of these objects are direct members of which of these groups.
fn memberships(
    source: &LocalSource,
    reader: &Reader<'_>,
    ids: &[ObjectId],
    groups: &HashMap<ObjectId, Vec<Uuid>>,
) -> Result<Vec<(ObjectId, ObjectId)>> {
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    if groups.len() > MOST_GROUPS_TO_PROBE {
        return listed(source, reader, ids, groups);
    }
    let edges: Vec<Edge> = groups
        .keys()
        .flat_map(|group| {
            ids.iter().map(|id| Edge {
                kind: EdgeKind::Member,
                from: *group,
                to: *id,
            })
        })
        .collect();
    let exist = reader.edges_exist(source.tenant, &edges)?;
    let members = edges.into_iter().zip(exist).filter(|(_, exists)| *exists);
    Ok(members.map(|(edge, _)| (edge.to, edge.from)).collect())
}

fn listed(
    source: &LocalSource,
    reader: &Reader<'_>,
    ids: &[ObjectId],
    groups: &HashMap<ObjectId, Vec<Uuid>>,
) -> Result<Vec<(ObjectId, ObjectId)>> {
    let mut found = Vec::new();
    for id in ids {
        let mut after = None;
        loop {
            let of = reader.edges_to(
                source.tenant,
                EdgeKind::Member,
                *id,
                after,
                MEMBERSHIPS_AT_ONCE,
            )?;
            found.extend(
                of.iter()
                    .filter(|group| groups.contains_key(group))
                    .map(|group| (*id, *group)),
            );
            after = of.last().copied();
            if of.len() < MEMBERSHIPS_AT_ONCE {
                break;
            }
        }
    }
    Ok(found)
}

/// The roles of the configuration by id.
struct RoleNames(HashMap<Uuid, String>);

impl RoleNames {
    fn load(source: &LocalSource, reader: &Reader<'_>) -> Result<Self> {
        let configuration = reader
            .objects(
                source.tenant,
                EntityKind::ServicePrincipal,
                &[source.service_principal],
            )?
            .pop();
        let roles = configuration
            .as_ref()
            .and_then(|it| it.entry.get(Attr::APP_ROLES));
        let roles = roles.map_or(&[][..], Value::as_slice);
        let named = roles.iter().filter_map(|role| {
            let name = role.member("displayName").and_then(Value::as_text)?;
            Some((role_id(role)?, name.to_owned()))
        });
        Ok(Self(named.collect()))
    }

    /// Sorted, each once. A role that the configuration lost shows as its id: whoever holds it is
    /// assigned nevertheless.
    fn of(&self, roles: Vec<Uuid>) -> Vec<String> {
        let mut names: Vec<String> = roles
            .into_iter()
            .map(|role| match self.0.get(&role) {
                Some(name) => name.clone(),
                None if role == DEFAULT_ACCESS => DEFAULT_ACCESS_NAME.to_owned(),
                None => role.hyphenated().to_string(),
            })
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}
