//! Managers of users, members of groups.

use syncline_engine::{Fault, TargetObject};
use syncline_model::{Attr, EntityKind, ObjectId};

use super::fault;

/// Makes a reference. A manager replaces the one before; a member who is one already stays.
pub(super) fn add(
    object: &mut TargetObject,
    attr: Attr,
    (to_kind, to): (EntityKind, ObjectId),
) -> Result<(), Fault> {
    let kind = object.entry.kind;
    match (kind, attr, to_kind) {
        (EntityKind::User, Attr::MANAGER, EntityKind::User) => set(object, attr, vec![to]),
        (EntityKind::Group, Attr::MEMBERS, EntityKind::User | EntityKind::Group)
            if to != object.entry.id =>
        {
            let mut members = held(object, attr);
            if !members.contains(&to) {
                members.push(to);
            }
            set(object, attr, members);
        }
        _ => return Err(fault::no_such_reference(kind, attr)),
    }
    Ok(())
}

/// Removes a reference. Only this one: a manager somebody else set meanwhile stays.
pub(super) fn remove(object: &mut TargetObject, attr: Attr, to: ObjectId) {
    let mut rest = held(object, attr);
    rest.retain(|it| *it != to);
    set(object, attr, rest);
}

/// Removes every reference to an object that is gone.
pub(super) fn forget(object: &mut TargetObject, to: ObjectId) {
    for attr in [Attr::MANAGER, Attr::MEMBERS] {
        remove(object, attr, to);
    }
}

pub(super) fn held(object: &TargetObject, attr: Attr) -> Vec<ObjectId> {
    let found = object.references.iter().find(|(held, _)| *held == attr);
    found.map(|(_, ids)| ids.clone()).unwrap_or_default()
}

fn set(object: &mut TargetObject, attr: Attr, ids: Vec<ObjectId>) {
    object.references.retain(|(held, _)| *held != attr);
    if !ids.is_empty() {
        object.references.push((attr, ids));
    }
}
