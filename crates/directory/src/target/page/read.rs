//! Reads what a page's operations can touch, in one query each.

use std::collections::BTreeMap;

use syncline_engine::{Fault, Operation};
use syncline_model::{Attr, EntityKind, Entry, ObjectId, Schema};
use syncline_store::{EdgeKind, Key, ObjectState, Reader, Result as StoreResult, Stored, Tenant};

use super::super::{LocalTarget, create, values};
use super::{ManagerEdge, Page, Working};
use crate::unique::{KeyTable, keys_of};
use crate::{addresses, load};

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
        reader: &Reader<'_>,
        operations: &[Operation],
    ) -> StoreResult<Self> {
        let now = target.clock.now();
        let schema = reader.schema(target.target)?;
        let drafts: Vec<Result<Entry, Fault>> = operations
            .iter()
            .filter_map(|operation| match operation {
                Operation::Create { kind, attrs } => {
                    Some(create::draft(target, tenant, &schema, now, *kind, attrs))
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
            claimable(&schema, operations, &objects, &drafts),
        )?;
        Ok(Self {
            target,
            tenant,
            now,
            schema,
            objects,
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
    schema: &Schema,
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
            schema,
            working.entry.kind,
            &working.entry.attrs,
            changes,
            values::CHANGE,
        ) {
            addresses::follow_mail(&mut attrs);
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
