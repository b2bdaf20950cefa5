//! People and groups in memory, with the order in which they changed.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};
use std::str::FromStr;
use std::sync::Arc;

use parking_lot::Mutex;
use syncline_engine::{Fault, FaultKind, Lifecycle, Subject};
use syncline_model::job::Watermark;
use syncline_model::{Attr, EntityKind, Entry, ObjectId, Value};
use syncline_store::Reader;

use crate::{Cursor, Referrer, Source, SourceCapability, SubjectPage};

/// A source in memory. What it holds is changed by its own methods; each change is one step of its
/// watermark.
#[derive(Clone, Debug, Default)]
pub struct MemorySource(Arc<Mutex<Held>>);

#[derive(Debug, Default)]
struct Held {
    sequence: u64,
    subjects: BTreeMap<ObjectId, Kept>,
    /// Every subject once, at its newest change.
    changes: BTreeMap<u64, ObjectId>,
}

#[derive(Debug)]
struct Kept {
    subject: Subject,
    changed: u64,
}

/// What a test arranges. The answers say whether the source knows the subject.
impl MemorySource {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a live subject, or replaces one.
    pub fn put(&self, entry: Entry) {
        self.0.lock().put(Subject {
            id: entry.id,
            kind: entry.kind,
            lifecycle: Lifecycle::Live,
            entry: Some(entry),
            assigned_roles: Vec::new(),
            references: Vec::new(),
        });
    }

    /// Sets (or with `None` clears) an attribute.
    pub fn set(&self, id: ObjectId, attr: Attr, value: Option<Value>) -> bool {
        self.edit(id, |subject| {
            if let Some(entry) = &mut subject.entry {
                entry.attrs.put(attr, value);
            }
        })
    }

    /// Lets these references, and no others, stand under this attribute.
    pub fn refer(&self, id: ObjectId, attr: Attr, to: Vec<ObjectId>) -> bool {
        self.edit(id, |subject| {
            subject.references.retain(|(held, _)| *held != attr);
            if !to.is_empty() {
                subject.references.push((attr, to));
            }
        })
    }

    /// Lets the subject hold these roles, and no others.
    pub fn assign(&self, id: ObjectId, roles: Vec<String>) -> bool {
        self.edit(id, |subject| subject.assigned_roles = roles)
    }

    /// Puts the subject into the recycle bin.
    pub fn soft_delete(&self, id: ObjectId) -> bool {
        self.edit(id, |subject| subject.lifecycle = Lifecycle::SoftDeleted)
    }

    /// Takes the subject out of the recycle bin.
    pub fn restore(&self, id: ObjectId) -> bool {
        self.edit(id, |subject| subject.lifecycle = Lifecycle::Live)
    }

    /// Deletes the subject for good; nobody refers to it any more.
    pub fn hard_delete(&self, id: ObjectId) -> bool {
        let mut held = self.0.lock();
        let Some(kind) = held.present(id).map(|subject| subject.kind) else {
            return false;
        };
        for referrer in held.referrers(id) {
            held.edit(referrer, |subject| {
                for (_, to) in &mut subject.references {
                    to.retain(|it| *it != id);
                }
                subject.references.retain(|(_, to)| !to.is_empty());
            });
        }
        held.put(gone(kind, id));
        true
    }

    fn edit(&self, id: ObjectId, change: impl FnOnce(&mut Subject)) -> bool {
        self.0.lock().edit(id, change)
    }
}

impl Held {
    fn put(&mut self, subject: Subject) {
        self.sequence += 1;
        let changed = self.sequence;
        let id = subject.id;
        if let Some(before) = self.subjects.insert(id, Kept { subject, changed }) {
            self.changes.remove(&before.changed);
        }
        self.changes.insert(changed, id);
    }

    fn edit(&mut self, id: ObjectId, change: impl FnOnce(&mut Subject)) -> bool {
        let Some(mut subject) = self.present(id).cloned() else {
            return false;
        };
        change(&mut subject);
        self.put(subject);
        true
    }

    /// The subject, unless it is gone for good.
    fn present(&self, id: ObjectId) -> Option<&Subject> {
        let subject = &self.subjects.get(&id)?.subject;
        (subject.lifecycle != Lifecycle::HardDeleted).then_some(subject)
    }

    /// Who refers to this subject by any attribute, by id.
    fn referrers(&self, to: ObjectId) -> Vec<ObjectId> {
        self.subjects
            .values()
            .map(|kept| &kept.subject)
            .filter(|subject| {
                subject
                    .references
                    .iter()
                    .any(|(_, held)| held.contains(&to))
            })
            .map(|subject| subject.id)
            .collect()
    }

    fn live(
        &self,
        kinds: &[EntityKind],
        after: Option<ObjectId>,
    ) -> impl Iterator<Item = &Subject> {
        let after = after.map_or(Unbounded, Excluded);
        self.subjects
            .range((after, Unbounded))
            .map(|(_, kept)| &kept.subject)
            .filter(|it| it.lifecycle == Lifecycle::Live && kinds.contains(&it.kind))
    }
}

impl Source for MemorySource {
    fn capability(&self) -> SourceCapability {
        SourceCapability {
            changes: true,
            by_id: true,
        }
    }

    fn ask_memberships(&mut self, _groups: &[ObjectId]) -> Result<(), Fault> {
        // Memberships are references like others here: whoever arranges them, tells them all.
        Ok(())
    }

    fn watermark(&self, _page: &Reader<'_>) -> Result<Watermark, Fault> {
        Ok(Watermark {
            sequence: self.0.lock().sequence,
            token: None,
        })
    }

    fn count(&self, _page: &Reader<'_>, kinds: &[EntityKind]) -> Result<u64, Fault> {
        Ok(self.0.lock().live(kinds, None).count() as u64)
    }

    fn all(
        &self,
        _page: &Reader<'_>,
        kinds: &[EntityKind],
        cursor: &Cursor,
        // It is never cut into parts.
        _last: &Cursor,
        limit: usize,
    ) -> Result<SubjectPage, Fault> {
        let after = place(cursor)?;
        let held = self.0.lock();
        let live = held.live(kinds, after).map(|it| (it.id, it));
        Ok(page(live, limit))
    }

    fn changes(
        &self,
        _page: &Reader<'_>,
        kinds: &[EntityKind],
        since: &Watermark,
        until: &Watermark,
        cursor: &Cursor,
        limit: usize,
    ) -> Result<SubjectPage, Fault> {
        let after = place(cursor)?.unwrap_or(since.sequence);
        let held = self.0.lock();
        let changed = held
            .changes
            .range((Excluded(after), Unbounded))
            .take_while(|(sequence, _)| **sequence <= until.sequence)
            .filter_map(|(sequence, id)| Some((*sequence, &held.subjects.get(id)?.subject)))
            .filter(|(_, subject)| kinds.contains(&subject.kind));
        Ok(page(changed, limit))
    }

    fn referrers(
        &self,
        _page: &Reader<'_>,
        attr: Attr,
        to: &[(ObjectId, Option<ObjectId>)],
        limit: usize,
    ) -> Result<Vec<Referrer>, Fault> {
        let held = self.0.lock();
        let of_one = |(to, after): &(ObjectId, Option<ObjectId>)| {
            let to = *to;
            let by_attr = move |subject: &&Subject| {
                let mut references = subject.references.iter();
                references.any(|(held, ids)| *held == attr && ids.contains(&to))
            };
            let behind = held
                .subjects
                .range((after.map_or(Unbounded, Excluded), Unbounded));
            let referring = behind.map(|(_, kept)| &kept.subject).filter(by_attr);
            referring.take(limit).map(move |subject| Referrer {
                to,
                kind: subject.kind,
                id: subject.id,
            })
        };
        Ok(to.iter().flat_map(of_one).collect())
    }

    fn by_id(
        &self,
        _page: &Reader<'_>,
        ids: &[(EntityKind, ObjectId)],
    ) -> Result<Vec<Subject>, Fault> {
        let held = self.0.lock();
        Ok(ids
            .iter()
            .map(|(kind, id)| {
                let subject = held.present(*id).filter(|it| it.kind == *kind);
                subject.cloned().unwrap_or_else(|| gone(*kind, *id))
            })
            .collect())
    }
}

/// The first `limit` subjects; the cursor is the place of the last one.
fn page<'s, P: ToString>(
    mut subjects: impl Iterator<Item = (P, &'s Subject)>,
    limit: usize,
) -> SubjectPage {
    let first: Vec<(P, &Subject)> = subjects.by_ref().take(limit.max(1)).collect();
    let next = match (first.last(), subjects.next()) {
        (Some((last, _)), Some(_)) => Some(Cursor(last.to_string())),
        _ => None,
    };
    SubjectPage {
        subjects: first.into_iter().map(|(_, it)| it.clone()).collect(),
        next,
    }
}

/// The place a cursor stands for; `None` at the start.
fn place<P: FromStr>(cursor: &Cursor) -> Result<Option<P>, Fault> {
    if cursor.0.is_empty() {
        return Ok(None);
    }
    cursor.0.parse().map(Some).map_err(|_| Fault {
        kind: FaultKind::Invalid,
        code: "InternalError".to_owned(),
        message: format!(
            "`{}` is not a place in this source; restart the job",
            cursor.0
        ),
        action: None,
        transient: false,
    })
}

fn gone(kind: EntityKind, id: ObjectId) -> Subject {
    Subject {
        id,
        kind,
        lifecycle: Lifecycle::HardDeleted,
        entry: None,
        assigned_roles: Vec::new(),
        references: Vec::new(),
    }
}
