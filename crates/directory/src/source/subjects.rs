//! Objects as subjects of a job: with their lifecycle, roles and references.

use std::collections::BTreeSet;

use syncline_engine::{Lifecycle, Subject};
use syncline_model::{Attr, EntityKind, IdMap, ObjectId};
use syncline_store::{EdgeKind, ObjectState, Reader, Result, Stored};

use super::{LocalSource, entitlement, memberships};

/// Makes subjects of objects of any kinds, in the order given.
pub(super) fn of(
    source: &LocalSource,
    reader: &Reader<'_>,
    objects: Vec<Stored>,
) -> Result<Vec<Subject>> {
    let present: Vec<ObjectId> = objects
        .iter()
        .filter(|it| it.state != ObjectState::Purged)
        .map(|it| it.entry.id)
        .collect();
    let users: Vec<ObjectId> = objects
        .iter()
        .filter(|it| it.state != ObjectState::Purged && it.entry.kind == EntityKind::User)
        .map(|it| it.entry.id)
        .collect();
    let mut roles = entitlement::roles(source, reader, &present, &users)?;
    let mut groups = memberships::of(source, reader, &present)?;
    // The manager stays one while in the recycle bin: a purge removes the reference, a restore
    // makes it whole again.
    let managers = reader.single_edges(source.tenant, EdgeKind::Manager, &users)?;
    let managers: IdMap<ObjectId, ObjectId> = users
        .into_iter()
        .zip(managers)
        .filter_map(|(user, manager)| Some((user, manager?)))
        .collect();

    let subjects = objects.into_iter().map(|object| {
        let id = object.entry.id;
        let kind = object.entry.kind;
        match lifecycle(&object) {
            Lifecycle::HardDeleted => gone(kind, id),
            lifecycle => Subject {
                id,
                kind,
                lifecycle,
                entry: Some(object.entry),
                assigned_roles: roles.remove(&id).unwrap_or_default(),
                references: managers
                    .get(&id)
                    .map(|manager| (Attr::MANAGER, vec![*manager]))
                    .into_iter()
                    .chain(groups.remove(&id).map(|groups| (Attr::MEMBER_OF, groups)))
                    .collect(),
            },
        }
    });
    Ok(subjects.collect())
}

/// These subjects, in the order asked; unknown ones as hard-deleted.
pub(super) fn by_id(
    source: &LocalSource,
    reader: &Reader<'_>,
    ids: &[(EntityKind, ObjectId)],
) -> Result<Vec<Subject>> {
    // Each is read once, however often it is asked for: a second reading would find no roles left.
    let wanted: BTreeSet<(EntityKind, ObjectId)> = ids.iter().copied().collect();
    let mut found: Vec<Stored> = Vec::with_capacity(wanted.len());
    for kind in EntityKind::DIRECTORY {
        let of_kind: Vec<ObjectId> = wanted
            .iter()
            .filter(|(it, _)| *it == kind)
            .map(|(_, id)| *id)
            .collect();
        if !of_kind.is_empty() {
            found.extend(reader.objects(source.tenant, kind, &of_kind)?);
        }
    }
    let subjects = of(source, reader, found)?;
    let mut by_id: IdMap<(EntityKind, ObjectId), Subject> = subjects
        .into_iter()
        .map(|it| ((it.kind, it.id), it))
        .collect();
    Ok(ids
        .iter()
        .map(|asked| {
            let subject = if ids.len() == wanted.len() {
                by_id.remove(asked)
            } else {
                by_id.get(asked).cloned()
            };
            subject.unwrap_or_else(|| gone(asked.0, asked.1))
        })
        .collect())
}

fn lifecycle(object: &Stored) -> Lifecycle {
    match object.state {
        ObjectState::Live => Lifecycle::Live,
        ObjectState::Deleted if object.is_being_purged() => Lifecycle::HardDeleted,
        ObjectState::Deleted => Lifecycle::SoftDeleted,
        ObjectState::Purged => Lifecycle::HardDeleted,
    }
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
