//! Which of the groups that scoping filters ask for have an object as their direct member.

use std::collections::HashMap;

use syncline_model::{EntityKind, ObjectId};
use syncline_store::{Edge, EdgeKind, ObjectState, Reader, Result};

use super::LocalSource;

/// The groups of each of these objects, ascending; objects in none are left out. Groups in the
/// recycle bin have no members. Reads nothing when no filter asks.
pub(super) fn of(
    source: &LocalSource,
    reader: &Reader<'_>,
    ids: &[ObjectId],
) -> Result<HashMap<ObjectId, Vec<ObjectId>>> {
    let mut held: HashMap<ObjectId, Vec<ObjectId>> = HashMap::new();
    if source.asked_groups.is_empty() || ids.is_empty() {
        return Ok(held);
    }
    let groups = reader.objects(source.tenant, EntityKind::Group, &source.asked_groups)?;
    let live = groups.iter().filter(|it| it.state == ObjectState::Live);
    for group in live.map(|it| it.entry.id) {
        let edges: Vec<Edge> = ids
            .iter()
            .map(|id| Edge {
                kind: EdgeKind::Member,
                from: group,
                to: *id,
            })
            .collect();
        let exist = reader.edges_exist(source.tenant, &edges)?;
        for (edge, _) in edges.iter().zip(exist).filter(|(_, exists)| *exists) {
            held.entry(edge.to).or_default().push(group);
        }
    }
    Ok(held)
}
