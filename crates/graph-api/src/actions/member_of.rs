//! `memberOf` and `transitiveMemberOf` of users, groups and service principals.

use std::collections::BTreeSet;
use std::sync::Arc;

use syncline_access::roles;
use syncline_model::{Attr, EntityKind, Entry, ObjectId, Problem};
use syncline_store::{EdgeKind, ObjectState, Peeked, Reader, Stored};

use super::{cast, lookup};
use crate::list::containers::{self, CONTAINERS, GROUPS, direct};
use crate::list::{List, rows};
use crate::walked::Walk;
use crate::{Call, Reply};

/// Most groups a principal is followed into. Nobody is in more; a runaway nesting is cut.
const MAX_GROUPS: usize = 20_000;

const PAGE: usize = 500;

/// `GET /users/{id}/memberOf`, and of groups and service principals
pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    call.read(|reader| {
        let Entry {
            kind, id: member, ..
        } = lookup::named(call, reader)?.entry;
        let kinds = cast::kinds(call, &CONTAINERS)?;
        let rows = |after, limit| direct(call, reader, (kind, member), kinds, after, limit);
        List::related(call, format!("{member}/memberOf"), kinds, &rows).reply(call, reader)
    })
}

/// `GET /users/{id}/transitiveMemberOf`, and of groups and service principals
pub fn transitive_list(call: &Call<'_>) -> Result<Reply, Problem> {
    call.read(|reader| {
        let Entry {
            kind, id: member, ..
        } = lookup::named(call, reader)?.entry;
        let kinds = cast::kinds(call, &CONTAINERS)?;
        let (mut groups, mut roles) = (Arc::from([]), Vec::new());
        if kinds.contains(&EntityKind::Group) {
            groups = call.walked(reader, Walk::Up(member), || {
                let found = transitive(call, reader, member)?;
                let mut groups: Vec<ObjectId> = found.iter().map(|it| it.id).collect();
                groups.sort_unstable();
                Ok(groups)
            })?;
        }
        if kinds.contains(&EntityKind::DirectoryRole) {
            roles = held_roles(call, reader, (kind, member))?;
        }
        let groups = rows::of_ids_at_hand(reader, call.tenant(), &groups, &GROUPS);
        let rows = |after, limit| containers::with_roles(&groups, &roles, after, limit);
        List::related(call, format!("{member}/transitiveMemberOf"), kinds, &rows)
            .reply(call, reader)
    })
}

/// The roles that count for a principal, given to it or to a group that it is in; each once. Of a group,
/// those that it was given: groups inside of groups do not count.
pub fn held_roles(
    call: &Call<'_>,
    reader: &Reader<'_>,
    (kind, member): (EntityKind, ObjectId),
) -> Result<Vec<Stored>, Problem> {
    let roles = match kind {
        EntityKind::Group => roles::given(reader, call.tenant(), (kind, member))?,
        _ => roles::held(reader, call.tenant(), member)?
            .into_iter()
            .collect(),
    };
    Ok(roles.into_iter().map(containers::role).collect())
}

/// The live groups that a principal is in, directly or through other groups, each once; of each, whether
/// security is enabled.
pub fn transitive(
    call: &Call<'_>,
    reader: &Reader<'_>,
    member: ObjectId,
) -> Result<Vec<Peeked<1>>, Problem> {
    let tenant = call.tenant();
    let mut seen = BTreeSet::new();
    let mut groups = Vec::new();
    let mut waiting = vec![member];
    while let Some(member) = waiting.pop() {
        let mut after = None;
        loop {
            let above = reader.edges_to(tenant, EdgeKind::Member, member, after, PAGE)?;
            call.has_looked_up(above.len())?;
            let found = rows::peek(reader, tenant, &above, &GROUPS, [Attr::SECURITY_ENABLED])?;
            for group in found.into_values() {
                if group.state == ObjectState::Live && seen.insert(group.id) {
                    waiting.push(group.id);
                    groups.push(group);
                    if groups.len() == MAX_GROUPS {
                        return Ok(groups);
                    }
                }
            }
            after = above.last().copied();
            if above.len() < PAGE {
                break;
            }
        }
    }
    Ok(groups)
}
