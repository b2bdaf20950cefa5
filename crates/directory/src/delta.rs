//! What Graph's delta queries answer from: which objects of one kind changed, and which of their
//! references.

use std::collections::HashMap;

use syncline_model::{EntityKind, ObjectId, Problem, TenantId};
use syncline_store::{Changed, EdgeKind, ObjectState, Reader, Stored};

use crate::load;

/// One changed object.
#[derive(Clone, Debug, PartialEq)]
pub struct DeltaItem {
    pub id: ObjectId,
    /// The newest change that is part of this item. The next page goes on after the largest
    /// sequence of this one.
    pub sequence: u64,
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

/// The first `limit` objects of one kind that changed after `since` and up to `until`, each once,
/// in order of their first change here. Fewer than `limit`: there are no more. A round from zero
/// walks through everything there is, tombstones of what is gone included.
pub fn changes(
    reader: &Reader<'_>,
    tenant: TenantId,
    kind: EntityKind,
    since: u64,
    until: u64,
    limit: usize,
) -> Result<Vec<DeltaItem>, Problem> {
    let mut found = Found::default();
    let mut after = since;
    let at_once = limit.clamp(1, 5_000);
    'pages: loop {
        let page = reader.changes_since(tenant, after, until, at_once)?;
        for change in &page {
            let Some(id) = concerned(kind, &change.what) else {
                continue;
            };
            if found.drafts.len() >= limit && !found.at.contains_key(&id) {
                break 'pages;
            }
            found.note(id, change.sequence, &change.what);
        }
        match page.last() {
            Some(last) if page.len() == at_once => after = last.sequence,
            _ => break,
        }
    }
    let ids: Vec<ObjectId> = found.drafts.iter().map(|draft| draft.id).collect();
    let objects = load::many(reader, tenant, &[kind], &ids)?;
    let mut objects: HashMap<ObjectId, Stored> =
        objects.into_iter().map(|it| (it.entry.id, it)).collect();
    let items = found.drafts.into_iter().filter_map(|draft| {
        Some(DeltaItem {
            object: objects.remove(&draft.id)?,
            id: draft.id,
            sequence: draft.sequence,
            attributes_changed: draft.attributes_changed,
            members_added: draft.members_added,
            members_removed: draft.members_removed,
            manager_added: draft.manager_added,
            managers_removed: draft.managers_removed,
        })
    });
    Ok(items.collect())
}

/// The object of this kind that a change is part of.
fn concerned(kind: EntityKind, what: &Changed) -> Option<ObjectId> {
    match what {
        Changed::Object { kind: changed, id } if *changed == kind => Some(*id),
        Changed::Edge { edge, .. }
            if edge.kind == EdgeKind::Member && kind == EntityKind::Group =>
        {
            Some(edge.from)
        }
        Changed::Edge { edge, .. }
            if edge.kind == EdgeKind::Manager && kind == EntityKind::User =>
        {
            Some(edge.from)
        }
        _ => None,
    }
}

#[derive(Default)]
struct Found {
    drafts: Vec<Draft>,
    at: HashMap<ObjectId, usize>,
}

struct Draft {
    id: ObjectId,
    sequence: u64,
    attributes_changed: bool,
    members_added: Vec<ObjectId>,
    members_removed: Vec<ObjectId>,
    manager_added: Option<ObjectId>,
    managers_removed: Vec<ObjectId>,
}

impl Found {
    fn note(&mut self, id: ObjectId, sequence: u64, what: &Changed) {
        let at = *self.at.entry(id).or_insert_with(|| {
            self.drafts.push(Draft {
                id,
                sequence,
                attributes_changed: false,
                members_added: Vec::new(),
                members_removed: Vec::new(),
                manager_added: None,
                managers_removed: Vec::new(),
            });
            self.drafts.len() - 1
        });
        let draft = &mut self.drafts[at];
        draft.sequence = sequence;
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
