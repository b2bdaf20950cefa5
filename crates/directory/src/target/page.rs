//! What a page of operations works on: the objects it touches, read at once, changed in memory,
//! written at once.

use std::collections::{BTreeMap, HashMap};

use syncline_engine::{Fault, Operation};
use syncline_model::{Attr, EntityKind, Entry, ObjectId, Timestamp, Value};
use syncline_store::{
    Edge, EdgeKind, Key, ObjectState, Reader, Result as StoreResult, Stored, Tenant, Tx,
};

use super::{LocalTarget, create, fault, references, values};
use crate::unique::{KeyTable, Taken, keys_of};
use crate::{lifecycle, load};

/// What references may point to.
const REFERABLE: [EntityKind; 3] = [
    EntityKind::User,
    EntityKind::Group,
    EntityKind::ServicePrincipal,
];

pub(super) struct Page<'a> {
    pub(super) target: &'a LocalTarget,
    pub(super) tenant: &'a Tenant,
    pub(super) now: Timestamp,
    objects: BTreeMap<ObjectId, Working>,
    keys: KeyTable,
    /// Manager before and after, of users whose manager is set or removed.
    managers: BTreeMap<ObjectId, ManagerEdge>,
    /// Membership edges to add (true) or remove, in order.
    memberships: Vec<(Edge, bool)>,
    /// The entries of this page's creates, in order of operation; taken one by one.
    drafts: std::vec::IntoIter<Result<Entry, Fault>>,
}

/// An object as the page has left it so far.
struct Working {
    entry: Entry,
    state: ObjectState,
    /// `None`: created by this page.
    stored: Option<ObjectState>,
    changed: bool,
}

#[derive(Clone, Copy, Default)]
struct ManagerEdge {
    stored: Option<ObjectId>,
    now: Option<ObjectId>,
}

impl<'a> Page<'a> {
    /// Reads everything the operations can touch, in one query each: objects, managers, and the
    /// holders of every unique value that may be claimed.
    pub(super) fn load(
        target: &'a LocalTarget,
        tenant: &'a Tenant,
        reader: &Reader<'_>,
        operations: &[Operation],
    ) -> StoreResult<Self> {
        let now = target.clock.now();
        let drafts: Vec<Result<Entry, Fault>> = operations
            .iter()
            .filter_map(|operation| match operation {
                Operation::Create { kind, attrs } => {
                    Some(create::draft(target, tenant, now, *kind, attrs))
                }
                _ => None,
            })
            .collect();
        let objects = read_objects(target, reader, operations)?;
        let managers = read_managers(target, reader, operations)?;
        let mut keys = KeyTable::default();
        keys.load(
            reader,
            target.target,
            claimable(operations, &objects, &drafts),
        )?;
        Ok(Self {
            target,
            tenant,
            now,
            objects,
            keys,
            managers,
            memberships: Vec::new(),
            drafts: drafts.into_iter(),
        })
    }

    /// One operation, in memory. When it fails nothing of it is done.
    pub(super) fn carry_out(
        &mut self,
        reader: &Reader<'_>,
        operation: &Operation,
    ) -> Result<ObjectId, Fault> {
        match operation {
            Operation::Create { .. } => self.create(reader),
            Operation::Update { kind, target, set } => self.update(reader, *kind, *target, set),
            Operation::Restore { kind, target, set } => self.restore(reader, *kind, *target, set),
            Operation::SoftDelete { kind, target } => self.soft_delete(reader, *kind, *target),
            Operation::HardDelete { kind, target } => self.hard_delete(reader, *kind, *target),
            Operation::AddReference {
                kind,
                target,
                attr,
                to,
            } => references::add(self, *kind, *target, *attr, *to),
            Operation::RemoveReference {
                kind,
                target,
                attr,
                to,
            } => references::remove(self, *kind, *target, *attr, *to),
        }
    }

    /// The next create's entry.
    pub(super) fn next_draft(&mut self) -> Option<Result<Entry, Fault>> {
        self.drafts.next()
    }

    /// An object of this kind that comes from the job's source, in whatever state but purged.
    pub(super) fn owned(
        &self,
        kind: EntityKind,
        id: ObjectId,
    ) -> Result<(&Entry, ObjectState), Fault> {
        let working = self
            .present(id)
            .filter(|it| it.entry.kind == kind)
            .ok_or_else(|| fault::gone(id))?;
        if working.entry.get(Attr::HOME_TENANT_ID) != Some(&Value::Guid(self.target.source.0)) {
            return Err(fault::not_ours(id));
        }
        Ok((&working.entry, working.state))
    }

    /// The kind of an object that references may point to.
    pub(super) fn kind_of(&self, id: ObjectId) -> Result<EntityKind, Fault> {
        self.present(id)
            .map(|it| it.entry.kind)
            .ok_or_else(|| fault::gone(id))
    }

    fn present(&self, id: ObjectId) -> Option<&Working> {
        self.objects
            .get(&id)
            .filter(|it| it.state != ObjectState::Purged)
    }

    /// Lets an object be like this, if its unique values are free.
    pub(super) fn put(
        &mut self,
        reader: &Reader<'_>,
        entry: Entry,
        state: ObjectState,
    ) -> Result<ObjectId, Fault> {
        let id = entry.id;
        let held = self
            .objects
            .get(&id)
            .map_or_else(Vec::new, |it| keys_of(&it.entry, it.state));
        let wanted = keys_of(&entry, state);
        if let Err(taken) = self.keys.claim(entry.kind, id, &held, &wanted) {
            return Err(fault::taken(&taken, self.is_internal(reader, &taken)?));
        }
        match self.objects.get_mut(&id) {
            Some(working) => {
                working.changed |= working.state != state || working.entry != entry;
                working.entry = entry;
                working.state = state;
            }
            None => {
                self.objects.insert(
                    id,
                    Working {
                        entry,
                        state,
                        stored: None,
                        changed: true,
                    },
                );
            }
        }
        Ok(id)
    }

    /// Whether the holder of a taken value is an internal user of the target.
    fn is_internal(&self, reader: &Reader<'_>, taken: &Taken) -> Result<bool, Fault> {
        let (kind, id) = taken.holder;
        let external = |entry: &Entry| {
            entry.get(Attr::HOME_TENANT_ID).is_some()
                || entry.text(Attr::CREATION_TYPE) == Some("Invitation")
        };
        if let Some(working) = self.objects.get(&id) {
            return Ok(kind == EntityKind::User && !external(&working.entry));
        }
        let holder = reader
            .objects(self.target.target, kind, &[id])
            .map_err(fault::broken)?
            .pop();
        Ok(kind == EntityKind::User && holder.is_some_and(|it| !external(&it.entry)))
    }

    pub(super) fn manager(&self, user: ObjectId) -> Option<ObjectId> {
        self.managers.get(&user).and_then(|edge| edge.now)
    }

    pub(super) fn set_manager(&mut self, user: ObjectId, manager: Option<ObjectId>) {
        self.managers.entry(user).or_default().now = manager;
    }

    pub(super) fn set_membership(&mut self, group: ObjectId, member: ObjectId, wanted: bool) {
        self.memberships.push((
            Edge {
                kind: EdgeKind::Member,
                from: group,
                to: member,
            },
            wanted,
        ));
    }

    /// Writes what the operations left, in a few set statements.
    pub(super) fn store(self, tx: &mut Tx<'_>) -> StoreResult<()> {
        let tenant = self.target.target;
        let mut inserted = Vec::new();
        let mut updated = Vec::new();
        let mut moved: [Vec<Entry>; 3] = Default::default();
        let mut purged = Vec::new();
        for working in self.objects.into_values().filter(|it| it.changed) {
            match working.stored {
                None => inserted.push(working.entry),
                Some(stored) if stored == working.state => updated.push(working.entry),
                Some(_) => {
                    if working.state == ObjectState::Purged {
                        purged.push((working.entry.kind, working.entry.id));
                    }
                    moved[working.state as usize].push(working.entry);
                }
            }
        }
        tx.insert_objects(tenant, &inserted, self.now)?;
        tx.update_objects(tenant, &updated)?;
        for state in [ObjectState::Live, ObjectState::Deleted, ObjectState::Purged] {
            tx.move_objects(tenant, &moved[state as usize], state, self.now)?;
        }
        self.keys.store(tx, tenant)?;
        store_edges(tx, tenant, &self.managers, &self.memberships)?;
        for (kind, id) in purged {
            lifecycle::detach(tx, tenant, kind, id)?;
        }
        Ok(())
    }
}

fn store_edges(
    tx: &mut Tx<'_>,
    tenant: syncline_model::TenantId,
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
    let last: HashMap<Edge, bool> = memberships.iter().copied().collect();
    let mut last: Vec<(Edge, bool)> = last.into_iter().collect();
    last.sort_unstable();
    removed.extend(
        last.iter()
            .filter(|(_, wanted)| !wanted)
            .map(|(edge, _)| *edge),
    );
    added.extend(
        last.iter()
            .filter(|(_, wanted)| *wanted)
            .map(|(edge, _)| *edge),
    );
    tx.remove_edges(tenant, &removed)?;
    tx.add_edges(tenant, &added)?;
    Ok(())
}

fn read_objects(
    target: &LocalTarget,
    reader: &Reader<'_>,
    operations: &[Operation],
) -> StoreResult<BTreeMap<ObjectId, Working>> {
    let mut of_kind: BTreeMap<EntityKind, Vec<ObjectId>> = BTreeMap::new();
    let mut referred = Vec::new();
    for operation in operations {
        match operation {
            Operation::Create { .. } => {}
            Operation::Update { kind, target, .. }
            | Operation::Restore { kind, target, .. }
            | Operation::SoftDelete { kind, target }
            | Operation::HardDelete { kind, target } => {
                of_kind.entry(*kind).or_default().push(*target)
            }
            Operation::AddReference {
                kind, target, to, ..
            }
            | Operation::RemoveReference {
                kind, target, to, ..
            } => {
                of_kind.entry(*kind).or_default().push(*target);
                referred.push(*to);
            }
        }
    }
    let mut objects = BTreeMap::new();
    let mut keep = |found: Vec<Stored>| {
        for stored in found {
            let Stored { entry, state, .. } = stored;
            objects.insert(
                entry.id,
                Working {
                    entry,
                    state,
                    stored: Some(state),
                    changed: false,
                },
            );
        }
    };
    for (kind, mut ids) in of_kind {
        ids.sort_unstable();
        ids.dedup();
        keep(reader.objects(target.target, kind, &ids)?);
    }
    referred.sort_unstable();
    referred.dedup();
    keep(load::many(reader, target.target, &REFERABLE, &referred)?);
    Ok(objects)
}

fn read_managers(
    target: &LocalTarget,
    reader: &Reader<'_>,
    operations: &[Operation],
) -> StoreResult<BTreeMap<ObjectId, ManagerEdge>> {
    let users: Vec<ObjectId> = operations
        .iter()
        .filter_map(|operation| match operation {
            Operation::AddReference { target, attr, .. }
            | Operation::RemoveReference { target, attr, .. }
                if *attr == Attr::MANAGER =>
            {
                Some(*target)
            }
            _ => None,
        })
        .collect();
    let managers = reader.single_edges(target.target, EdgeKind::Manager, &users)?;
    let edges = users.into_iter().zip(managers);
    Ok(edges
        .map(|(user, manager)| {
            (
                user,
                ManagerEdge {
                    stored: manager,
                    now: manager,
                },
            )
        })
        .collect())
}

/// Every key that some operation may claim or give back. With several operations on one object
/// each key still comes from the stored object or from one operation.
fn claimable(
    operations: &[Operation],
    objects: &BTreeMap<ObjectId, Working>,
    drafts: &[Result<Entry, Fault>],
) -> Vec<Key> {
    let mut keys: Vec<Key> = drafts
        .iter()
        .flatten()
        .flat_map(|it| keys_of(it, ObjectState::Live))
        .collect();
    for working in objects.values() {
        keys.extend(keys_of(&working.entry, ObjectState::Live));
    }
    for operation in operations {
        let (Operation::Update { target, set, .. } | Operation::Restore { target, set, .. }) =
            operation
        else {
            continue;
        };
        let Some(working) = objects.get(target) else {
            continue;
        };
        let changes = set.iter().map(|(attr, value)| (*attr, value.as_ref()));
        // What is refused here is refused again when its turn comes.
        if let Ok(mut attrs) = values::applied(
            working.entry.kind,
            &working.entry.attrs,
            changes,
            values::CHANGE,
        ) {
            crate::addresses::follow_mail(&mut attrs);
            keys.extend(keys_of(
                &Entry {
                    attrs,
                    ..working.entry.clone()
                },
                ObjectState::Live,
            ));
        }
    }
    keys
}
