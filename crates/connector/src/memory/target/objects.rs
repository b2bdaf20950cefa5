//! The objects of a target in memory.

use std::collections::BTreeMap;
use std::ops::Bound;

use syncline_engine::{Fault, FaultKind, LookupQuery, Operation, TargetObject};
use syncline_model::fold::fold;
use syncline_model::{Attr, Attrs, EntityKind, Entry, Ids, ObjectId, Predicate, Value};

use super::{fault, references};
use crate::Discovered;

/// Mapped for the engine's sake; states and references have operations of their own.
const NOT_STORED: [Attr; 3] = [Attr::IS_SOFT_DELETED, Attr::MANAGER, Attr::MEMBERS];

type Set = [(Attr, Option<Value>)];

#[derive(Clone, Debug, Default)]
pub(super) struct Objects(BTreeMap<ObjectId, Kept>);

#[derive(Clone, Debug)]
struct Kept {
    object: TargetObject,
    /// Comes from the source; otherwise it was made in the target.
    ours: bool,
}

impl Objects {
    pub(super) fn put_own(&mut self, entry: Entry) {
        let kept = Kept {
            object: live(entry),
            ours: false,
        };
        self.0.insert(kept.object.entry.id, kept);
    }

    pub(super) fn all(&self) -> Vec<TargetObject> {
        self.0.values().map(|kept| kept.object.clone()).collect()
    }

    pub(super) fn find(&self, query: &LookupQuery) -> Vec<TargetObject> {
        let found = |kept: &&Kept| match query {
            LookupQuery::Linked { kind, target } => {
                (kept.object.entry.kind, kept.object.entry.id) == (*kind, *target)
            }
            // Everything of ours comes from the one source there is.
            LookupQuery::Matching { kind, attr, value } => {
                let asked = Predicate::any_equals(*attr, value.clone());
                kept.ours && kept.object.entry.kind == *kind && asked.evaluate(&kept.object.entry)
            }
            LookupQuery::Taken { kind, attr, value } => {
                let asked = Predicate::any_equals(*attr, value.clone());
                !kept.object.soft_deleted
                    && kept.object.entry.kind == *kind
                    && asked.evaluate(&kept.object.entry)
            }
        };
        let all = self.0.values().filter(found);
        all.map(|kept| kept.object.clone()).collect()
    }

    /// Those of ours outside of the recycle bin.
    pub(super) fn discover(
        &self,
        kind: EntityKind,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Discovered {
        let of_kind = |kept: &&Kept| kept.object.entry.kind == kind && !kept.object.soft_deleted;
        let after = after.map_or(Bound::Unbounded, Bound::Excluded);
        let rest = self
            .0
            .range((after, Bound::Unbounded))
            .map(|(_, kept)| kept);
        let page: Vec<&Kept> = rest.filter(of_kind).take(limit).collect();
        let last = page.last().filter(|_| page.len() == limit);
        Discovered {
            looked_at: page.len(),
            next: last.map(|kept| kept.object.entry.id),
            objects: page
                .into_iter()
                .filter(|kept| kept.ours)
                .map(|kept| kept.object.clone())
                .collect(),
        }
    }

    /// Whether the operation makes a reference that is there, or removes one that is not.
    pub(super) fn stands(&self, operation: &Operation) -> bool {
        let is_there = |target: &ObjectId, attr: &Attr, to: &ObjectId| {
            let kept = self.0.get(target);
            kept.is_some_and(|it| references::held(&it.object, *attr).contains(to))
        };
        match operation {
            Operation::AddReference {
                target, attr, to, ..
            } => is_there(target, attr, to),
            Operation::RemoveReference {
                target, attr, to, ..
            } => !is_there(target, attr, to),
            _ => false,
        }
    }

    /// One operation. When it fails nothing of it is done.
    pub(super) fn carry_out(
        &mut self,
        ids: &dyn Ids,
        operation: &Operation,
    ) -> Result<ObjectId, Fault> {
        match operation {
            Operation::Create { kind, attrs, .. } => self.create(ids, *kind, attrs),
            Operation::Update { kind, target, set } => {
                let changed = changed(self.live(*kind, *target)?, set);
                self.put(changed)
            }
            Operation::Restore { kind, target, set } => {
                let mut restored = changed(self.ours(*kind, *target)?, set);
                restored.soft_deleted = false;
                self.put(restored)
            }
            Operation::SoftDelete { kind, target } => {
                if let Some(mut deleted) = self.removable(*kind, *target)? {
                    deleted.soft_deleted = true;
                    self.put(deleted)?;
                }
                Ok(*target)
            }
            Operation::HardDelete { kind, target } => {
                if self.removable(*kind, *target)?.is_some() {
                    self.0.remove(target);
                    let rest = self.0.values_mut();
                    rest.for_each(|kept| references::forget(&mut kept.object, *target));
                }
                Ok(*target)
            }
            Operation::AddReference {
                kind,
                target,
                attr,
                to,
            } => {
                let to = self.0.get(to).ok_or_else(|| fault::gone(*to))?;
                let to = (to.object.entry.kind, to.object.entry.id);
                let mut referring = self.live(*kind, *target)?.clone();
                references::add(&mut referring, *attr, to)?;
                self.put(referring)
            }
            Operation::RemoveReference {
                kind,
                target,
                attr,
                to,
            } => {
                let mut referring = self.live(*kind, *target)?.clone();
                references::remove(&mut referring, *attr, *to);
                self.put(referring)
            }
        }
    }

    fn create(
        &mut self,
        ids: &dyn Ids,
        kind: EntityKind,
        mapped: &Attrs,
    ) -> Result<ObjectId, Fault> {
        if anchor(mapped).is_none() {
            // Without an anchor a repeat of this create would make a second object.
            return Err(fault::no_anchor());
        }
        let mut entry = Entry::new(kind, ids.object_id());
        for (attr, value) in mapped.iter().filter(|(it, _)| !NOT_STORED.contains(it)) {
            entry.attrs.set(attr, value.clone());
        }
        self.put(live(entry))
    }

    /// Lets an object of ours be like this, if its unique values are free.
    fn put(&mut self, object: TargetObject) -> Result<ObjectId, Fault> {
        let id = object.entry.id;
        for other in self.0.values().filter(|it| it.object.entry.id != id) {
            let other_attrs = &other.object.entry.attrs;
            // The anchor of an object in the bin is still its own: the restore must find it.
            let same_anchor =
                anchor(other_attrs).is_some_and(|it| anchor(&object.entry.attrs) == Some(it));
            if other.ours && same_anchor {
                let holder = other.object.entry.id;
                return Err(fault::taken(Attr::ALTERNATIVE_SECURITY_IDS, holder));
            }
            let both_live = !object.soft_deleted && !other.object.soft_deleted;
            let same_name =
                name(other_attrs).is_some_and(|it| name(&object.entry.attrs) == Some(it));
            if both_live && same_name {
                let holder = other.object.entry.id;
                return Err(fault::taken(Attr::USER_PRINCIPAL_NAME, holder));
            }
        }
        self.0.insert(id, Kept { object, ours: true });
        Ok(id)
    }

    /// An object that comes from the source, in the recycle bin or not.
    fn ours(&self, kind: EntityKind, id: ObjectId) -> Result<&TargetObject, Fault> {
        match self.0.get(&id) {
            Some(kept) if kept.object.entry.kind != kind => Err(fault::gone(id)),
            Some(kept) if kept.ours => Ok(&kept.object),
            Some(_) => Err(fault::not_ours(id)),
            None => Err(fault::gone(id)),
        }
    }

    /// An object to delete. One that is gone is what was wanted.
    fn removable(&self, kind: EntityKind, id: ObjectId) -> Result<Option<TargetObject>, Fault> {
        match self.ours(kind, id) {
            Ok(object) => Ok(Some(object.clone())),
            Err(fault) if fault.kind == FaultKind::NotFound => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    fn live(&self, kind: EntityKind, id: ObjectId) -> Result<&TargetObject, Fault> {
        let object = self.ours(kind, id)?;
        if object.soft_deleted {
            return Err(fault::gone(id));
        }
        Ok(object)
    }
}

fn live(entry: Entry) -> TargetObject {
    TargetObject {
        entry,
        soft_deleted: false,
        references: Vec::new(),
        linked_source: None,
    }
}

fn changed(object: &TargetObject, set: &Set) -> TargetObject {
    let mut object = object.clone();
    for (attr, value) in set.iter().filter(|(it, _)| !NOT_STORED.contains(it)) {
        object.entry.attrs.put(*attr, value.clone());
    }
    object
}

fn anchor(attrs: &Attrs) -> Option<&str> {
    let anchor = attrs.get(Attr::ALTERNATIVE_SECURITY_IDS)?;
    anchor
        .as_slice()
        .first()?
        .as_text()
        .filter(|it| !it.is_empty())
}

fn name(attrs: &Attrs) -> Option<String> {
    attrs.text(Attr::USER_PRINCIPAL_NAME).map(fold)
}
