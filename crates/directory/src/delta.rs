//! What Graph's delta queries answer from: which objects of one kind changed, and which of their
//! references.

use std::collections::{BTreeSet, HashMap};

use syncline_model::{EntityKind, ObjectId, Problem, TenantId};
use syncline_store::{Changed, EdgeKind, ObjectState, Reader, Stored};

/// One changed object.
#[derive(Clone, Debug, PartialEq)]
pub struct DeltaItem {
    pub id: ObjectId,
    /// The object as it is now: live, in the recycle bin, or (without attributes) gone for good.
    pub object: Stored,
    /// Attributes or state changed, not only references.
    pub attributes_changed: bool,
    /// Of a group: members added, removed.
    pub members_added: Vec<ObjectId>,
    pub members_removed: Vec<ObjectId>,
    /// Of a user: the new manager, and those who were it.
    pub manager_added: Option<ObjectId>,
    pub managers_removed: Vec<ObjectId>,
}

impl DeltaItem {
    pub fn state(&self) -> ObjectState {
        self.object.state
    }
}

/// Which changes are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub kind: EntityKind,
    /// Members of groups, managers of users, too.
    pub references: bool,
    /// Only these objects; `None`: all.
    pub only: Option<&'a BTreeSet<ObjectId>>,
    /// After this sequence …
    pub since: u64,
    /// … and up to this one.
    pub until: u64,
    /// Most objects on one page.
    pub limit: usize,
    /// Bytes of its objects with which a page is full, however few they are.
    pub bytes: usize,
}

/// Some changed objects, each once on its page, in order of their first change here.
#[derive(Clone, Debug, PartialEq)]
pub struct DeltaPage {
    pub items: Vec<DeltaItem>,
    /// After which sequence the next page begins, however few objects this one has. `None`: there is nothing more.
    pub next: Option<u64>,
}

/// Changes read at a time, however few objects are asked for: most changes of a tenant may be of others.
const AT_ONCE: usize = 500;

/// Changes that one page looks at. Whoever asks for few objects waits no longer than for a full page, and holds
/// the view of the database no longer.
const BUDGET: usize = 20_000;

/// Changes of references that one page tells, of all its objects together. Those of one object may be as many as
/// it has members: it comes again on the next page, with the rest.
const REFERENCES: usize = 1_000;

/// Objects of a page that are read at once: no more than have room.
const OBJECTS: usize = 100;

/// One page of what changed. A round from zero walks through everything there is, tombstones of what
/// is gone included. `has_read` is told of each batch of changes, and may end the walk.
pub fn changes(
    reader: &Reader<'_>,
    tenant: TenantId,
    asked: &Asked<'_>,
    mut has_read: impl FnMut(usize) -> Result<(), Problem>,
) -> Result<DeltaPage, Problem> {
    let mut found = Found::default();
    let next = found.walk(reader, tenant, asked, &mut has_read)?;
    let mut items = Vec::new();
    let mut objects: HashMap<ObjectId, Stored> = HashMap::new();
    let mut read_to = 0;
    // Always for the first one, or a page could make no progress.
    let mut room = asked.bytes.max(1);
    let ids: Vec<ObjectId> = found.drafts.iter().map(|draft| draft.id).collect();
    for (at, draft) in found.drafts.into_iter().enumerate() {
        if room == 0 {
            // Drafts are in order of their first change: what was before this one is told. Later changes of those
            // that are told come again on the next page; to tell one twice is safe, to pass over one is not.
            let next = Some(draft.after);
            return Ok(DeltaPage { items, next });
        }
        if at == read_to {
            let slice = &ids[at..ids.len().min(at + OBJECTS)];
            let fitting = reader.fitting_of(tenant, &[asked.kind], slice, asked.bytes)?;
            read_to += fitting;
            let read = reader.objects(tenant, asked.kind, &slice[..fitting])?;
            objects = read.into_iter().map(|it| (it.entry.id, it)).collect();
        }
        let Some(object) = objects.remove(&draft.id) else {
            continue;
        };
        room = room.saturating_sub(object.bytes());
        items.push(DeltaItem {
            object,
            id: draft.id,
            attributes_changed: draft.attributes_changed,
            members_added: draft.members_added,
            members_removed: draft.members_removed,
            manager_added: draft.manager_added,
            managers_removed: draft.managers_removed,
        });
    }
    Ok(DeltaPage { items, next })
}

/// The object that was asked for and that a change is part of.
fn concerned(asked: &Asked<'_>, what: &Changed) -> Option<ObjectId> {
    let id = match what {
        Changed::Object { kind, id } if *kind == asked.kind => *id,
        Changed::Edge { edge, .. } if asked.references => match (edge.kind, asked.kind) {
            (EdgeKind::Member, EntityKind::Group) | (EdgeKind::Manager, EntityKind::User) => {
                edge.from
            }
            _ => return None,
        },
        _ => return None,
    };
    asked
        .only
        .is_none_or(|only| only.contains(&id))
        .then_some(id)
}

#[derive(Default)]
struct Found {
    drafts: Vec<Draft>,
    at: HashMap<ObjectId, usize>,
    references: usize,
}

struct Draft {
    id: ObjectId,
    /// The sequence before its first change here.
    after: u64,
    attributes_changed: bool,
    members_added: Vec<ObjectId>,
    members_removed: Vec<ObjectId>,
    manager_added: Option<ObjectId>,
    managers_removed: Vec<ObjectId>,
}

impl Found {
    /// Notes what there is room for; says after which sequence to go on, or `None` when all changes are done.
    fn walk(
        &mut self,
        reader: &Reader<'_>,
        tenant: TenantId,
        asked: &Asked<'_>,
        has_read: &mut impl FnMut(usize) -> Result<(), Problem>,
    ) -> Result<Option<u64>, Problem> {
        let mut after = asked.since;
        let mut looked_at = 0;
        while looked_at < BUDGET {
            let batch = reader.changes_since(tenant, after, asked.until, AT_ONCE)?;
            has_read(batch.len())?;
            for change in &batch {
                if let Some(id) = concerned(asked, &change.what) {
                    if !self.has_room_for(id, &change.what, asked) {
                        return Ok(Some(after));
                    }
                    self.note(id, after, &change.what);
                }
                after = change.sequence;
            }
            if batch.len() < AT_ONCE {
                return Ok(None);
            }
            looked_at += batch.len();
        }
        Ok(Some(after))
    }

    /// Always for the first one, or a page could make no progress.
    fn has_room_for(&self, id: ObjectId, what: &Changed, asked: &Asked<'_>) -> bool {
        let full = matches!(what, Changed::Edge { .. }) && self.references >= REFERENCES;
        !full && (self.drafts.len() < asked.limit.max(1) || self.at.contains_key(&id))
    }

    fn note(&mut self, id: ObjectId, after: u64, what: &Changed) {
        let at = *self.at.entry(id).or_insert_with(|| {
            self.drafts.push(Draft {
                id,
                after,
                attributes_changed: false,
                members_added: Vec::new(),
                members_removed: Vec::new(),
                manager_added: None,
                managers_removed: Vec::new(),
            });
            self.drafts.len() - 1
        });
        let draft = &mut self.drafts[at];
        if matches!(what, Changed::Edge { .. }) {
            self.references += 1;
        }
        match what {
            Changed::Edge { edge, removed } if edge.kind == EdgeKind::Member => {
                if *removed {
                    draft.members_removed.push(edge.to);
                } else {
                    draft.members_added.push(edge.to);
                }
            }
            // Replacing a manager is a removal and an addition.
            Changed::Edge { edge, removed } if *removed => draft.managers_removed.push(edge.to),
            Changed::Edge { edge, .. } => draft.manager_added = Some(edge.to),
            _ => draft.attributes_changed = true,
        }
    }
}
