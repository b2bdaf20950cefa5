//! Writes what a page's operations left, in a few set statements.

use std::collections::BTreeMap;
use std::sync::Arc;

use syncline_model::{Entry, IdMap, ObjectId, TenantId};
use syncline_store::{Edge, EdgeKind, Encoded, ObjectState, Result as StoreResult, Tx};

use super::{ManagerEdge, Page};
use crate::lifecycle;

impl Page<'_> {
    /// Objects, unique values, references; then whatever a purge leaves dangling.
    pub(in crate::target) fn store(self, tx: &mut Tx<'_>) -> StoreResult<()> {
        let tenant = self.target.target;
        let created: Vec<Arc<Encoded>> = self.created.into_values().collect();
        let mut updated = Vec::new();
        let mut moved: [Vec<Arc<Entry>>; 3] = Default::default();
        let mut purged = Vec::new();
        for working in self.objects.into_values().filter(|it| it.changed) {
            if working.stored == working.state {
                updated.push(working.entry);
                continue;
            }
            if working.state == ObjectState::Purged {
                purged.push((working.entry.kind, working.entry.id));
            }
            moved[working.state as usize].push(working.entry);
        }
        tx.insert_encoded(tenant, &created, self.now)?;
        tx.update_objects(tenant, &updated)?;
        for state in [ObjectState::Live, ObjectState::Deleted, ObjectState::Purged] {
            tx.move_objects(tenant, &moved[state as usize], state, self.now)?;
        }
        self.keys.store(tx, tenant)?;
        let between = (self.target.source, tenant);
        store_edges(tx, between, &self.managers, &self.memberships)?;
        for (kind, id) in purged {
            lifecycle::detach(tx, tenant, kind, id)?;
        }
        Ok(())
    }
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
