//! `GET /groups/{id}/transitiveMembers`: members of members too, each once.

use std::collections::BTreeMap;

use syncline_model::{EntityKind, ObjectId, Problem};
use syncline_store::{EdgeKind, Reader, Stored};

use crate::actions::cast::{self, PRINCIPALS};
use crate::actions::lookup;
use crate::list::{Batch, List, rows};
use crate::{Call, Reply};

/// Most groups one group is followed into.
const MAX_NESTED: usize = 5_000;

const PAGE: usize = 500;

pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    call.read(|reader| {
        let group = lookup::group(call, reader)?.entry.id;
        let kinds = cast::kinds(call, &PRINCIPALS)?;
        let nested = nested(call, reader, group)?;
        let rows = |after, limit| merged(call, reader, &nested, kinds, after, limit);
        List::related(call, format!("{group}/transitiveMembers"), kinds, &rows).reply(call, reader)
    })
}

/// The group and every live group under it.
fn nested(call: &Call<'_>, reader: &Reader<'_>, group: ObjectId) -> Result<Vec<ObjectId>, Problem> {
    let mut groups = vec![group];
    let mut next = 0;
    while let Some(group) = groups.get(next).copied() {
        next += 1;
        let members = rows::edges_from(
            reader,
            call.tenant(),
            EdgeKind::Member,
            group,
            &[EntityKind::Group],
        );
        let mut after = None;
        loop {
            let batch = members(after, PAGE)?;
            call.has_read(batch.rows.len())?;
            for member in batch.rows {
                if groups.len() < MAX_NESTED && !groups.contains(&member.entry.id) {
                    groups.push(member.entry.id);
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
    let mut found: BTreeMap<ObjectId, Stored> = BTreeMap::new();
    let mut complete_to: Option<ObjectId> = None;
    for group in groups {
        let batch =
            rows::edges_from(reader, call.tenant(), EdgeKind::Member, *group, kinds)(after, limit)?;
        call.has_read(batch.rows.len())?;
        found.extend(batch.rows.into_iter().map(|it| (it.entry.id, it)));
        complete_to = match (complete_to, batch.next) {
            (Some(known), Some(next)) => Some(known.min(next)),
            (known, next) => known.or(next),
        };
    }
    if let Some(end) = complete_to {
        found.retain(|id, _| *id <= end);
    }
    Ok(Batch {
        looked_at: found.len(),
        rows: found.into_values().collect(),
        next: complete_to,
    })
}
