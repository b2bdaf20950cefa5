//! What is written below the face: thousands of requests would test nothing more.

use syncline_model::{Ids as _, ObjectId};
use syncline_store::{Edge, EdgeKind, StoreError};

use super::World;

impl World {
    /// So many ids that nobody has.
    pub fn nobodies(&self, count: usize) -> Vec<ObjectId> {
        (0..count).map(|_| self.ids.object_id()).collect()
    }

    /// Makes all of them members of a group of Contoso.
    pub fn join_all(&self, group: &str, members: &[ObjectId]) {
        let tenant = self.tenants.contoso.id;
        self.store
            .write(|tx| {
                tx.add_edges(tenant, &memberships(group, members))?;
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }
}

fn memberships(group: &str, members: &[ObjectId]) -> Vec<Edge> {
    let from = group.parse().unwrap();
    let edge = |to: &ObjectId| Edge {
        kind: EdgeKind::Member,
        from,
        to: *to,
    };
    members.iter().map(edge).collect()
}
