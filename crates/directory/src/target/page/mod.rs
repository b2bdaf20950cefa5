//! What a page of operations works on: the objects it touches, read at once, changed in memory,
//! written at once.

mod exchange;
mod read;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use syncline_engine::{Fault, Operation};
use syncline_model::{Attr, EntityKind, Entry, ObjectId, Schema, TenantId, Timestamp, Value};
use syncline_store::{Edge, EdgeKind, Encoded, ObjectState, Reader, Tenant};

use super::drafted::Drafted;
use super::{LocalTarget, fault, references};
use crate::unique::{KeyTable, Taken, keys_of};

pub(super) struct Page<'a> {
    pub(super) target: &'a LocalTarget,
    pub(super) tenant: &'a Tenant,
    pub(super) now: Timestamp,
    pub(super) schema: Arc<Schema>,
    objects: BTreeMap<ObjectId, Working>,
    /// What this page creates, by id. Nobody knows these ids before the page is done, so no other
    /// operation is about one of them.
    created: BTreeMap<ObjectId, Arc<Encoded>>,
    ends: read::Ends,
    keys: KeyTable,
    /// Manager before and after, of users whose manager is set or removed.
    managers: BTreeMap<ObjectId, ManagerEdge>,
    /// Membership edges to add (true) or remove, in order.
    memberships: Vec<(Edge, bool)>,
    /// What this page's creates make, in order of operation; taken one by one.
    drafts: std::vec::IntoIter<Result<Drafted, Fault>>,
}

/// An object as the page has left it so far.
struct Working {
    entry: Arc<Entry>,
    state: ObjectState,
    stored: ObjectState,
    changed: bool,
}

/// Whom an object of the target follows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// This job's source.
    OfThisSource,
    /// Another source, or it was invited by hand.
    OfSomebodyElse,
    /// Nobody: it was made in the target.
    Internal,
}

impl Whose {
    /// Of an object that is in the target, for jobs from this source.
    pub(super) fn of(entry: &Entry, source: TenantId) -> Self {
        match entry.get(Attr::HOME_TENANT_ID) {
            Some(Value::Guid(home)) if *home == source.0 => Self::OfThisSource,
            Some(_) => Self::OfSomebodyElse,
            None if entry.text(Attr::CREATION_TYPE) == Some("Invitation") => Self::OfSomebodyElse,
            None => Self::Internal,
        }
    }

    /// Of an object that is looked up; one that is gone is somebody else's.
    pub(super) fn found(
        target: &LocalTarget,
        reader: &Reader<'_>,
        (kind, id): (EntityKind, ObjectId),
    ) -> Result<Self, Fault> {
        let found = reader
            .objects(target.target, kind, &[id])
            .map_err(fault::broken)?
            .pop();
        Ok(found.map_or(Self::OfSomebodyElse, |it| {
            Self::of(&it.entry, target.source)
        }))
    }
}

#[derive(Clone, Copy, Default)]
struct ManagerEdge {
    stored: Option<ObjectId>,
    now: Option<ObjectId>,
}

impl Page<'_> {
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

    /// What this page's creates make, in order, before the first of them is carried out.
    pub(super) fn drafts(&self) -> &[Result<Drafted, Fault>] {
        self.drafts.as_slice()
    }

    /// An object that was read, whoever's it is.
    pub(super) fn object(&self, id: ObjectId) -> Option<&Entry> {
        self.objects.get(&id).map(|it| it.entry.as_ref())
    }

    /// What the next create makes.
    pub(super) fn next_draft(&mut self) -> Option<Result<Drafted, Fault>> {
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
        if working.entry.guid(Attr::HOME_TENANT_ID) != Some(self.target.source.0) {
            return Err(fault::not_ours(id));
        }
        Ok((&working.entry, working.state))
    }

    /// The state of an object of this kind whose references may be changed: it comes from the job's
    /// source.
    pub(super) fn referring(&self, kind: EntityKind, id: ObjectId) -> Result<ObjectState, Fault> {
        if self.objects.contains_key(&id) {
            return self.owned(kind, id).map(|(_, state)| state);
        }
        let peeked = self
            .ends
            .from
            .get(&id)
            .filter(|it| it.kind == kind && it.state != ObjectState::Purged)
            .ok_or_else(|| fault::gone(id))?;
        if peeked.values != [Some(Value::Guid(self.target.source.0))] {
            return Err(fault::not_ours(id));
        }
        Ok(peeked.state)
    }

    /// The kind of an object that references may point to.
    pub(super) fn kind_of(&self, id: ObjectId) -> Result<EntityKind, Fault> {
        self.present(id)
            .map(|it| it.entry.kind)
            .or_else(|| {
                let end = self.ends.to.get(&id)?;
                (end.state != ObjectState::Purged).then_some(end.kind)
            })
            .ok_or_else(|| fault::gone(id))
    }

    fn present(&self, id: ObjectId) -> Option<&Working> {
        self.objects
            .get(&id)
            .filter(|it| it.state != ObjectState::Purged)
    }

    /// Lets an object that was read be like this, if its unique values are free.
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
            return Err(fault::taken(&taken, self.whose(reader, &taken)?));
        }
        self.set(entry, state)
    }

    /// The same, of one that holds its unique values.
    fn set(&mut self, entry: Entry, state: ObjectState) -> Result<ObjectId, Fault> {
        let id = entry.id;
        let working = self.objects.get_mut(&id).ok_or_else(|| fault::gone(id))?;
        working.changed |= working.state != state || *working.entry != entry;
        working.entry = Arc::new(entry);
        working.state = state;
        Ok(id)
    }

    /// Adds an object, if its unique values are free.
    pub(super) fn add(&mut self, reader: &Reader<'_>, drafted: Drafted) -> Result<ObjectId, Fault> {
        let Drafted { keys, row, .. } = drafted;
        let id = row.id();
        if let Err(taken) = self.keys.claim(row.kind(), id, &[], &keys) {
            return Err(fault::taken(&taken, self.whose(reader, &taken)?));
        }
        self.created.insert(id, row);
        Ok(id)
    }

    /// Whose object the holder of a taken value is.
    fn whose(&self, reader: &Reader<'_>, taken: &Taken) -> Result<Whose, Fault> {
        let (_, id) = taken.holder;
        if self.created.contains_key(&id) {
            return Ok(Whose::OfThisSource);
        }
        match self.objects.get(&id) {
            Some(working) => Ok(Whose::of(&working.entry, self.target.source)),
            None => Whose::found(self.target, reader, taken.holder),
        }
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
}
