//! What Graph's delta queries answer from: which objects of one kind changed, and which of their
//! references.
//!
//! A reference is seen while both of its ends are live. An end that goes into the recycle bin or comes out of it
//! hides or shows its references without writing one of them: a group of fifty thousand would make that long, and
//! cycles would walk through them all. So the move has a number of its own, and what it hides or shows is looked
//! up by whoever asks ([`moved`]), a page at a time.

mod moved;
mod walk;

use std::collections::{BTreeSet, HashMap};

use syncline_model::{EntityKind, ObjectId, Problem, TenantId};
use syncline_store::{ObjectState, Reader, Stored};

use walk::Found;

/// One changed object.
#[derive(Clone, Debug, PartialEq)]
pub struct DeltaItem {
    pub id: ObjectId,
    /// The object as it is now: live, in the recycle bin, or (without attributes) gone for good.
    pub object: Stored,
    /// Attributes or state changed, not only references.
    pub attributes_changed: bool,
    /// Of a group: members added, or out of the recycle bin again, like the group itself; removed, or in the bin.
    pub members_added: Vec<ObjectId>,
    pub members_removed: Vec<ObjectId>,
    /// Of a user: the new manager, or the one of before the bin, and those who were it.
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
    /// After this place …
    pub since: Place,
    /// … and up to this sequence.
    pub until: u64,
    /// Most objects on one page.
    pub limit: usize,
    /// Bytes of its objects with which a page is full, however few they are.
    pub bytes: usize,
}

impl Asked<'_> {
    fn is_about(&self, id: ObjectId) -> bool {
        self.only.is_none_or(|only| only.contains(&id))
    }
}

/// Some changed objects, each once on its page, in order of their first change here.
#[derive(Clone, Debug, PartialEq)]
pub struct DeltaPage {
    pub items: Vec<DeltaItem>,
    /// After which place the next page begins, however few objects this one has. `None`: there is nothing more.
    pub next: Option<Place>,
}

/// A place in the walk through changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Behind the change of this sequence.
    pub sequence: u64,
    /// The next one is a move of which some was told already.
    pub within: Option<Within>,
}

/// A place among the references that an object hid or showed by its move. If it has moved again since, all of them are told
/// where that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Within {
    /// The sequence of the move.
    pub moved: u64,
    pub side: Side,
    /// Behind the reference from or to this one.
    pub after: ObjectId,
}

/// Which references of a moved object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Its own, which come first.
    From,
    /// Those that lead to it.
    To,
}

impl From<u64> for Place {
    fn from(sequence: u64) -> Self {
        Self {
            sequence,
            within: None,
        }
    }
}

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
    let mut found = Found::new(asked.limit);
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
        // Where it is itself hidden, that was told with its own move.
        if !draft.itself && object.state != ObjectState::Live {
            continue;
        }
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
