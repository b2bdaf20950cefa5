//! Writes what a page's operations left, in a few set statements.

use std::collections::BTreeMap;
use std::sync::Arc;

use syncline_model::{Entry, IdMap, ObjectId, TenantId, Timestamp};
use syncline_store::{
    BEING_PURGED, Edge, EdgeKind, Encoded, ObjectState, Result as StoreResult, Tx,
};

use super::{ManagerEdge, Page};
use crate::lifecycle;

impl Page<'_> {
    /// Objects, unique values, references; then who is deleted for good, with whatever that leaves dangling.
    pub(in crate::target) fn store(self, tx: &mut Tx<'_>) -> StoreResult<()> {
        let tenant = self.target.target;
        let created: Vec<Arc<Encoded>> = self.created.into_values().collect();
        let mut updated = Vec::new();
        let (mut back, mut binned, mut purged) = (Vec::new(), Vec::new(), Vec::new());
        for working in self.objects.into_values().filter(|it| it.changed) {
            if working.stored == working.state {
                updated.push(working.entry);
                continue;
            }
            match working.state {
                ObjectState::Live => back.push(working.entry),
                ObjectState::Deleted => binned.push(working.entry),
                ObjectState::Purged => purged.push(working.entry),
            }
        }
        tx.insert_encoded(tenant, &created, self.now)?;
        tx.update_objects(tenant, &updated)?;
        tx.move_objects(tenant, &back, ObjectState::Live, self.now)?;
        tx.move_objects(tenant, &binned, ObjectState::Deleted, self.now)?;
        self.keys.store(tx, tenant)?;
        let between = (self.target.source, tenant);
        store_edges(tx, between, &self.managers, &self.memberships)?;
        purge(tx, tenant, purged, self.now)
    }
}

/// Whoever has more references than go in one transaction is gone all the same; the sweep of the recycle bin takes the
/// rest of them away.
fn purge(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    purged: Vec<Arc<Entry>>,
    now: Timestamp,
) -> StoreResult<()> {
    let mut edges = lifecycle::EDGES_AT_ONCE;
    let (mut gone, mut going) = (Vec::new(), Vec::new());
    let ids: Vec<ObjectId> = purged.iter().map(|entry| entry.id).collect();
    lifecycle::forget(tx, tenant, &ids)?;
    for entry in purged {
        if lifecycle::detach_some(tx, tenant, entry.kind, entry.id, &mut edges)? {
            gone.push(entry);
        } else {
            going.push(entry);
        }
    }
    tx.move_objects(tenant, &gone, ObjectState::Purged, now)?;
    tx.move_objects(tenant, &going, ObjectState::Deleted, BEING_PURGED)
}

fn store_edges(
    tx: &mut Tx<'_>,
    (source, tenant): (TenantId, TenantId),
    managers: &BTreeMap<ObjectId, ManagerEdge>,
    memberships: &[(Edge, bool)],
) -> StoreResult<()> {
    let edge = |from: ObjectId, to: ObjectId| Edge {
        kind: EdgeKind::Manager,
        from,
        to,
    };
    let changed = || managers.iter().filter(|(_, it)| it.stored != it.now);
    let mut removed: Vec<Edge> = changed()
        .filter_map(|(user, it)| it.stored.map(|manager| edge(*user, manager)))
        .collect();
    let mut added: Vec<Edge> = changed()
        .filter_map(|(user, it)| it.now.map(|manager| edge(*user, manager)))
        .collect();
    // The last word on each membership counts.
    let last: IdMap<Edge, bool> = memberships.iter().copied().collect();
    let mut last: Vec<(Edge, bool)> = last.into_iter().collect();
    last.sort_unstable();
    // A member whom somebody in the target added is not ours to remove.
    let unwanted: Vec<Edge> = last
        .iter()
        .filter(|(_, wanted)| !wanted)
        .map(|(edge, _)| *edge)
        .collect();
    let ours = tx.edges_added(tenant, &unwanted, source)?;
    let ours = unwanted.into_iter().zip(ours);
    removed.extend(ours.filter_map(|(edge, ours)| (ours == Some(true)).then_some(edge)));
    added.extend(
        last.iter()
            .filter(|(_, wanted)| *wanted)
            .map(|(edge, _)| *edge),
    );
    tx.remove_edges(tenant, &removed)?;
    tx.add_edges_by(tenant, &added, source)?;
    Ok(())
}
