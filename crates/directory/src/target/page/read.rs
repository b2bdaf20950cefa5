//! Reads what a page's operations can touch, in one query each.

use std::collections::BTreeMap;
use std::sync::Arc;

use syncline_engine::{Fault, Operation};
use syncline_model::{Attr, EntityKind, Entry, IdMap, ObjectId, Schema, id_map};
use syncline_store::{
    EdgeKind, Key, ObjectState, Peeked, Reader, Result as StoreResult, Stored, Tenant,
};

use super::super::drafted::Drafted;
use super::super::{LocalTarget, values};
use super::{ManagerEdge, Page, Working};
use crate::addresses;
use crate::deleted_items::being_purged;
use crate::unique::{KeyTable, keys_of};

/// What references may point to.
const REFERABLE: [EntityKind; 3] = [
    EntityKind::User,
    EntityKind::Group,
    EntityKind::ServicePrincipal,
];

impl<'a> Page<'a> {
    /// Reads everything the operations can touch, in one query each: objects, managers, and the
    /// holders of every unique value that may be claimed.
    pub(in crate::target) fn load(
        target: &'a LocalTarget,
        tenant: &'a Tenant,
        schema: Arc<Schema>,
        reader: &Reader<'_>,
        operations: &[Operation],
        drafts: Vec<Result<Drafted, Fault>>,
    ) -> StoreResult<Self> {
        let now = target.clock.now();
        let objects = read_objects(target, reader, operations)?;
        let ends = read_ends(target, reader, operations, &objects)?;
        let managers = read_managers(target, reader, operations)?;
        let drafted = drafts.iter().flatten().map(|it| it.keys.len()).sum();
        let mut keys = KeyTable::with_room_for(drafted);
        keys.load(
            reader,
            target.target,
            claimable(&schema, operations, &objects, &drafts),
        )?;
        Ok(Self {
            target,
            tenant,
            now,
            schema,
            objects,
            created: BTreeMap::new(),
            ends,
            keys,
            managers,
            memberships: Vec::new(),
            drafts: drafts.into_iter(),
        })
    }
}

fn read_objects(
    target: &LocalTarget,
    reader: &Reader<'_>,
    operations: &[Operation],
) -> StoreResult<BTreeMap<ObjectId, Working>> {
    let mut of_kind: BTreeMap<EntityKind, Vec<ObjectId>> = BTreeMap::new();
    for operation in operations {
        match operation {
            Operation::Create { .. }
            | Operation::AddReference { .. }
            | Operation::RemoveReference { .. } => {}
            Operation::Update { kind, target, .. }
            | Operation::Restore { kind, target, .. }
            | Operation::SoftDelete { kind, target }
            | Operation::HardDelete { kind, target } => {
                of_kind.entry(*kind).or_default().push(*target)
            }
        }
    }
    let restores = |it: &Operation| matches!(it, Operation::Restore { .. });
    let past_restoring = if operations.iter().any(restores) {
        being_purged(reader, target.target)?
    } else {
        None
    };
    let mut objects = BTreeMap::new();
    for (kind, mut ids) in of_kind {
        ids.sort_unstable();
        ids.dedup();
        for stored in reader.objects(target.target, kind, &ids)? {
            let is_gone = stored.is_being_purged();
            let Stored { entry, state, .. } = stored;
            // It would not come back as it was: to us it is gone.
            if is_gone || state == ObjectState::Deleted && past_restoring == Some(entry.id) {
                continue;
            }
            objects.insert(
                entry.id,
                Working {
                    entry: Arc::new(entry),
                    state,
                    stored: state,
                    changed: false,
                },
            );
        }
    }
    Ok(objects)
}

/// The ends of references, where they are not read anyway.
#[derive(Default)]
pub(super) struct Ends {
    /// Objects whose references change: whether they are there, of which kind, and whose.
    pub(super) from: IdMap<ObjectId, Peeked<1>>,
    /// Objects that are referred to: only whether they are there, and of which kind.
    pub(super) to: IdMap<ObjectId, Peeked<0>>,
}

fn read_ends(
    target: &LocalTarget,
    reader: &Reader<'_>,
    operations: &[Operation],
    objects: &BTreeMap<ObjectId, Working>,
) -> StoreResult<Ends> {
    let ends = operations.iter().filter_map(|operation| match operation {
        Operation::AddReference { target, to, .. }
        | Operation::RemoveReference { target, to, .. } => Some((*target, *to)),
        _ => None,
    });
    let (mut from, mut to): (Vec<ObjectId>, Vec<ObjectId>) = ends.unzip();
    for ids in [&mut from, &mut to] {
        ids.retain(|id| !objects.contains_key(id));
        ids.sort_unstable();
        ids.dedup();
    }
    Ok(Ends {
        from: look(from, |kind, ids| {
            reader.peek(target.target, kind, ids, [Attr::HOME_TENANT_ID])
        })?,
        to: look(to, |kind, ids| {
            reader.peek_at_referred(target.target, kind, ids)
        })?,
    })
}

fn look<const N: usize>(
    mut missing: Vec<ObjectId>,
    peek: impl Fn(EntityKind, &[ObjectId]) -> StoreResult<Vec<Peeked<N>>>,
) -> StoreResult<IdMap<ObjectId, Peeked<N>>> {
    let mut found = id_map(missing.len());
    for kind in REFERABLE {
        if missing.is_empty() {
            break;
        }
        for peeked in peek(kind, &missing)? {
            found.insert(peeked.id, peeked);
        }
        missing.retain(|id| !found.contains_key(id));
    }
    Ok(found)
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

/// Every key that some operation may claim, but for those of creates that were drafted ahead (nearly
/// always they are free, and if not, writing them fails) and for what an object holds already: of
/// most changed objects, all. With several operations on one object each key still comes from the
/// stored object or from one operation.
fn claimable(
    schema: &Schema,
    operations: &[Operation],
    objects: &BTreeMap<ObjectId, Working>,
    drafts: &[Result<Drafted, Fault>],
) -> Vec<Key> {
    let mut keys: Vec<Key> = drafts
        .iter()
        .flatten()
        .filter(|it| !it.ahead)
        .flat_map(|it| it.keys.iter().cloned())
        .collect();
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
            schema,
            working.entry.kind,
            &working.entry.attrs,
            changes,
            values::LATER,
            values::CHANGE,
        ) {
            addresses::follow_mail(&mut attrs);
            let held = keys_of(&working.entry, working.state);
            let changed = Entry {
                attrs,
                ..*working.entry
            };
            let wanted = keys_of(&changed, ObjectState::Live).into_iter();
            keys.extend(wanted.filter(|key| !held.contains(key)));
        }
    }
    keys
}
