//! The owners of groups, applications and service principals, for filters that ask how many there are.

use std::collections::BTreeSet;

use syncline_model::{Attr, ObjectId, Problem, Value};
use syncline_store::{EdgeKind, ObjectState, Reader, Stored};

use super::rows::{self, CHUNK};
use crate::Call;
use crate::actions::cast::PRINCIPALS;

/// Owners of one object that are read together with those of others; of more, the others by themselves.
const AT_ONCE: usize = 100;

/// Puts the ids of its owners into each of these objects; who is in the recycle bin does not count. How many references were
/// read for it.
pub(super) fn add(
    call: &Call<'_>,
    reader: &Reader<'_>,
    owned: &mut [Stored],
) -> Result<usize, Problem> {
    let (tenant, kind) = (call.tenant(), EdgeKind::Owner);
    let ids: Vec<ObjectId> = owned.iter().map(|it| it.entry.id).collect();
    let mut edges = reader.edges_from_each(tenant, kind, &ids, AT_ONCE)?;
    call.has_read(edges.len())?;
    let full: Vec<(ObjectId, ObjectId)> = edges
        .chunk_by(|(left, _), (right, _)| left == right)
        .filter(|of_one| of_one.len() == AT_ONCE)
        .filter_map(|of_one| of_one.last().copied())
        .collect();
    for (id, mut last) in full {
        loop {
            let more = reader.edges_from(tenant, kind, id, Some(last), CHUNK)?;
            call.has_read(more.len())?;
            edges.extend(more.iter().map(|owner| (id, *owner)));
            match more.last() {
                Some(owner) if more.len() == CHUNK => last = *owner,
                _ => break,
            }
        }
    }
    let read = edges.len();
    let owners: BTreeSet<ObjectId> = edges.iter().map(|(_, owner)| *owner).collect();
    let owners: Vec<ObjectId> = owners.into_iter().collect();
    let mut live = BTreeSet::new();
    for some in owners.chunks(CHUNK) {
        let peeked = rows::peek(reader, tenant, some, &PRINCIPALS, [])?;
        let found = peeked
            .into_values()
            .filter(|it| it.state == ObjectState::Live);
        live.extend(found.map(|it| it.id));
    }
    edges.retain(|(_, owner)| live.contains(owner));
    edges.sort_unstable();
    for object in owned {
        let from = edges.partition_point(|(it, _)| *it < object.entry.id);
        let own = edges[from..]
            .iter()
            .take_while(|(it, _)| *it == object.entry.id);
        let own = own.map(|(_, owner)| Value::Guid(owner.0)).collect();
        object.entry.attrs.set(Attr::OWNERS, Value::List(own));
    }
    Ok(read)
}
