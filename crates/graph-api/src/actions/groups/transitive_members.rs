//! `GET /groups/{id}/transitiveMembers`: members of members too, each once.

use std::collections::BTreeSet;

use syncline_model::{EntityKind, ObjectId, Problem};
use syncline_store::{EdgeKind, ObjectState, Reader};

use crate::actions::cast::{self, PRINCIPALS};
use crate::actions::lookup;
use crate::list::containers::GROUPS;
use crate::list::{Batch, List, rows};
use crate::walked::Walk;
use crate::{Call, Reply};

/// Most groups one group is followed into.
const MAX_NESTED: usize = 5_000;

const PAGE: usize = 500;

pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    call.read(|reader| {
        let group = lookup::group(call, reader)?.entry.id;
        let kinds = cast::kinds(call, &PRINCIPALS)?;
        let nested = call.walked(reader, Walk::Down(group), || nested(call, reader, group))?;
        let rows = |after, limit| merged(call, reader, &nested, kinds, after, limit);
        List::related(call, format!("{group}/transitiveMembers"), kinds, &rows).reply(call, reader)
    })
}

/// The group and every live group under it.
fn nested(call: &Call<'_>, reader: &Reader<'_>, group: ObjectId) -> Result<Vec<ObjectId>, Problem> {
    let tenant = call.tenant();
    let mut groups = vec![group];
    let mut known = BTreeSet::from([group]);
    let mut next = 0;
    while let Some(group) = groups.get(next).copied() {
        next += 1;
        let mut after = None;
        loop {
            let members = reader.edges_from(tenant, EdgeKind::Member, group, after, PAGE)?;
            call.has_looked_up(members.len())?;
            for member in rows::peek(reader, tenant, &members, &GROUPS, [])?.values() {
                if member.state == ObjectState::Live && known.insert(member.id) {
                    groups.push(member.id);
                    if groups.len() == MAX_NESTED {
                        return Ok(groups);
                    }
                }
            }
            after = members.last().copied();
            if members.len() < PAGE {
                break;
            }
        }
    }
    Ok(groups)
}

/// The next members of all groups together, in order of id: a page of each, merged. What lies
/// beyond the end of the shortest page must wait, as another group may have smaller ids there.
fn merged(
    call: &Call<'_>,
    reader: &Reader<'_>,
    groups: &[ObjectId],
    kinds: &[EntityKind],
    after: Option<ObjectId>,
    limit: usize,
) -> Result<Batch, Problem> {
    let tenant = call.tenant();
    let mut found: BTreeSet<ObjectId> = BTreeSet::new();
    let mut complete_to: Option<ObjectId> = None;
    for group in groups {
        let page = reader.edges_from(tenant, EdgeKind::Member, *group, after, limit)?;
        call.has_looked_up(page.len())?;
        let mut end = page.last().copied().filter(|_| page.len() == limit);
        found.extend(page);
        // Of thousands of groups, one page is kept.
        while found.len() > limit {
            found.pop_last();
            end = found.last().copied();
        }
        complete_to = match (complete_to, end) {
            (Some(known), Some(end)) => Some(known.min(end)),
            (known, end) => known.or(end),
        };
    }
    if let Some(end) = complete_to {
        found.retain(|id| *id <= end);
    }
    let ids: Vec<ObjectId> = found.into_iter().collect();
    rows::of_ids(reader, tenant, &ids, complete_to, kinds)
}
