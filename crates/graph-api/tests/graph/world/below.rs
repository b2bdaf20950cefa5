//! What is written below the face: thousands of requests would test nothing more.

use syncline_model::{Attr, Attrs, Clock as _, EntityKind, Entry, Ids as _, ObjectId};
use syncline_store::{Edge, EdgeKind, ObjectState, StoreError};

use super::World;

impl World {
    /// So many users of Contoso with nothing but a name.
    pub fn crowd(&self, count: usize) -> Vec<ObjectId> {
        self.crowd_with(count, &Attrs::new())
    }

    /// The same, each with these attributes.
    pub fn crowd_with(&self, count: usize, attrs: &Attrs) -> Vec<ObjectId> {
        let ids = self.nobodies(count);
        let entry = |id: &ObjectId| {
            let mut entry = Entry::new(EntityKind::User, *id);
            entry.attrs = attrs.clone();
            entry.attrs.set(Attr::DISPLAY_NAME, id.to_string());
            entry
        };
        let entries: Vec<Entry> = ids.iter().map(entry).collect();
        let (tenant, now) = (self.tenants.contoso.id, self.clock.now());
        self.store
            .write(|tx| tx.insert_objects(tenant, &entries, now))
            .unwrap();
        ids
    }

    /// Puts all of them into the recycle bin.
    pub fn recycle_all(&self, users: &[ObjectId]) {
        let (tenant, now) = (self.tenants.contoso.id, self.clock.now());
        self.store
            .write(|tx| {
                let found = tx.objects(tenant, EntityKind::User, users)?;
                let entries: Vec<Entry> = found.into_iter().map(|it| it.entry).collect();
                tx.move_objects(tenant, &entries, ObjectState::Deleted, now)?;
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }

    /// The keys of all documents of Contoso and everybody else.
    pub fn document_keys(&self) -> Vec<String> {
        let (mut keys, mut place) = (Vec::new(), None);
        loop {
            let checked = self
                .store
                .read(|reader| reader.check_documents(place.take(), 1))
                .unwrap();
            match &checked.next {
                Some(next) => keys.push(format!("{next:?}")),
                None => return keys,
            }
            place = checked.next;
        }
    }

    /// So many ids that nobody has.
    pub fn nobodies(&self, count: usize) -> Vec<ObjectId> {
        (0..count).map(|_| self.ids.object_id()).collect()
    }

    /// Makes all of them members of a group of Contoso.
    pub fn join_all(&self, group: &str, members: &[ObjectId]) {
        self.refer(EdgeKind::Member, group, members);
    }

    /// Makes all of them owners of it.
    pub fn own_all(&self, group: &str, owners: &[ObjectId]) {
        self.refer(EdgeKind::Owner, group, owners);
    }

    /// Makes an object of Contoso refer to all of them.
    pub fn refer(&self, kind: EdgeKind, from: &str, to: &[ObjectId]) {
        self.add_edges(&references(kind, from, to));
    }

    /// Makes all of them refer to an object of Contoso.
    pub fn be_referred_to(&self, kind: EdgeKind, from: &[ObjectId], to: &str) {
        let to = to.parse().unwrap();
        let edge = |from: &ObjectId| Edge {
            kind,
            from: *from,
            to,
        };
        self.add_edges(&from.iter().map(edge).collect::<Vec<_>>());
    }

    fn add_edges(&self, edges: &[Edge]) {
        let tenant = self.tenants.contoso.id;
        self.store
            .write(|tx| {
                tx.add_edges(tenant, edges)?;
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }

    /// Removes all of them from it.
    pub fn leave_all(&self, group: &str, members: &[ObjectId]) {
        let tenant = self.tenants.contoso.id;
        self.store
            .write(|tx| {
                tx.remove_edges(tenant, &references(EdgeKind::Member, group, members))?;
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }
}

fn references(kind: EdgeKind, group: &str, others: &[ObjectId]) -> Vec<Edge> {
    let from = group.parse().unwrap();
    let edge = |to: &ObjectId| Edge {
        kind,
        from,
        to: *to,
    };
    others.iter().map(edge).collect()
}
