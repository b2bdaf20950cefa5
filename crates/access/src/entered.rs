//! Which of some groups somebody is in. Groups inside of groups do not count, as in Entra.

use std::collections::BTreeSet;

use syncline_model::{Attr, EntityKind, ObjectId, TenantId, Value};
use syncline_store::{Edge, EdgeKind, ObjectState, Reader, Result};

/// Of these groups the live ones that the member is in and that count for what is asked, by their value of
/// this attribute. The groups are not read whole: together they may be GiB.
pub(crate) fn entered(
    reader: &Reader<'_>,
    tenant: TenantId,
    groups: BTreeSet<ObjectId>,
    member: ObjectId,
    attr: Attr,
    counts: impl Fn(Option<&Value>) -> bool,
) -> Result<BTreeSet<ObjectId>> {
    if groups.is_empty() {
        return Ok(groups);
    }
    let edge = |from: &ObjectId| Edge {
        kind: EdgeKind::Member,
        from: *from,
        to: member,
    };
    let edges: Vec<Edge> = groups.iter().map(edge).collect();
    let exist = reader.edges_exist(tenant, &edges)?;
    let among = edges.iter().zip(exist).filter(|(_, exists)| *exists);
    let among: Vec<ObjectId> = among.map(|(edge, _)| edge.from).collect();
    let found = reader.peek(tenant, EntityKind::Group, &among, [attr])?;
    let counting = found
        .iter()
        .filter(|it| it.state == ObjectState::Live && counts(it.values[0].as_ref()));
    Ok(counting.map(|it| it.id).collect())
}
