//! `memberOf` and `transitiveMemberOf` of users, groups and service principals.

use std::collections::BTreeSet;

use syncline_model::{EntityKind, ObjectId, Problem};
use syncline_store::{EdgeKind, Reader, Stored};

use super::{cast, lookup};
use crate::list::{List, rows};
use crate::{Call, Reply};

/// What one may be a member of here: directory roles and administrative units have no members list
/// of this kind.
const CONTAINERS: [EntityKind; 1] = [EntityKind::Group];

/// Most groups a principal is followed into. Nobody is in more; a runaway nesting is cut.
const MAX_GROUPS: usize = 20_000;

const PAGE: usize = 500;

type Find = fn(&Call<'_>, &Reader<'_>) -> Result<Stored, Problem>;

/// `GET /users/{id}/memberOf` and with a cast
pub fn of_user(call: &Call<'_>) -> Result<Reply, Problem> {
    direct_list(call, lookup::user)
}

/// `GET /groups/{id}/memberOf`
pub fn of_group(call: &Call<'_>) -> Result<Reply, Problem> {
    direct_list(call, lookup::group)
}

/// `GET /servicePrincipals/{id}/memberOf`
pub fn of_service_principal(call: &Call<'_>) -> Result<Reply, Problem> {
    direct_list(call, lookup::service_principal)
}

/// `GET /users/{id}/transitiveMemberOf`
pub fn transitive_of_user(call: &Call<'_>) -> Result<Reply, Problem> {
    transitive_list(call, lookup::user)
}

/// `GET /groups/{id}/transitiveMemberOf`
pub fn transitive_of_group(call: &Call<'_>) -> Result<Reply, Problem> {
    transitive_list(call, lookup::group)
}

/// `GET /servicePrincipals/{id}/transitiveMemberOf`
pub fn transitive_of_service_principal(call: &Call<'_>) -> Result<Reply, Problem> {
    transitive_list(call, lookup::service_principal)
}

fn direct_list(call: &Call<'_>, find: Find) -> Result<Reply, Problem> {
    call.read(|reader| {
        let member = find(call, reader)?.entry.id;
        let kinds = cast::kinds(call, &CONTAINERS)?;
        let rows = rows::edges_to(reader, call.tenant(), EdgeKind::Member, member, kinds);
        List::related(call, format!("{member}/memberOf"), kinds, &rows).reply(call, reader)
    })
}

fn transitive_list(call: &Call<'_>, find: Find) -> Result<Reply, Problem> {
    call.read(|reader| {
        let member = find(call, reader)?.entry.id;
        let kinds = cast::kinds(call, &CONTAINERS)?;
        let groups = if kinds.is_empty() {
            Vec::new()
        } else {
            transitive(call, reader, member)?
        };
        let rows = rows::of_vec(groups);
        List::related(call, format!("{member}/transitiveMemberOf"), kinds, &rows)
            .reply(call, reader)
    })
}

/// The live groups that a principal is in, directly or through other groups; each once.
pub fn transitive(
    call: &Call<'_>,
    reader: &Reader<'_>,
    member: ObjectId,
) -> Result<Vec<Stored>, Problem> {
    let mut seen = BTreeSet::new();
    let mut groups = Vec::new();
    let mut waiting = vec![member];
    while let Some(member) = waiting.pop() {
        let above = rows::edges_to(reader, call.tenant(), EdgeKind::Member, member, &CONTAINERS);
        let mut after = None;
        loop {
            let batch = above(after, PAGE)?;
            for group in batch.rows {
                if groups.len() < MAX_GROUPS && seen.insert(group.entry.id) {
                    waiting.push(group.entry.id);
                    groups.push(group);
                }
            }
            after = batch.next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(groups)
}
