//! Managers of external users, members of synchronized groups.

use syncline_engine::{Fault, Operation};
use syncline_model::{Attr, EntityKind, ObjectId};
use syncline_store::ObjectState;

use super::fault;
use super::page::Page;

/// Whether the operation sets the manager who is set, or removes one who is not. Who is in a group is not looked
/// up here.
pub(super) fn stands(page: &Page<'_>, operation: &Operation) -> bool {
    match operation {
        Operation::AddReference {
            target, attr, to, ..
        } if *attr == Attr::MANAGER => page.manager(*target) == Some(*to),
        Operation::RemoveReference {
            target, attr, to, ..
        } if *attr == Attr::MANAGER => page.manager(*target) != Some(*to),
        _ => false,
    }
}

/// Makes a reference. A manager replaces the one before; a member who is one already stays.
pub(super) fn add(
    page: &mut Page<'_>,
    kind: EntityKind,
    target: ObjectId,
    attr: Attr,
    to: ObjectId,
) -> Result<ObjectId, Fault> {
    live(page, kind, target)?;
    let to_kind = page.kind_of(to)?;
    match (kind, attr, to_kind) {
        (EntityKind::User, Attr::MANAGER, EntityKind::User) => page.set_manager(target, Some(to)),
        (EntityKind::Group, Attr::MEMBERS, EntityKind::User | EntityKind::Group)
            if to != target =>
        {
            page.set_membership(target, to, true);
        }
        _ => return Err(unknown(kind, attr)),
    }
    Ok(target)
}

/// Removes a reference. Only this one: a manager somebody else set meanwhile stays.
pub(super) fn remove(
    page: &mut Page<'_>,
    kind: EntityKind,
    target: ObjectId,
    attr: Attr,
    to: ObjectId,
) -> Result<ObjectId, Fault> {
    live(page, kind, target)?;
    match (kind, attr) {
        (EntityKind::User, Attr::MANAGER) => {
            if page.manager(target) == Some(to) {
                page.set_manager(target, None);
            }
        }
        (EntityKind::Group, Attr::MEMBERS) => page.set_membership(target, to, false),
        _ => return Err(unknown(kind, attr)),
    }
    Ok(target)
}

fn live(page: &Page<'_>, kind: EntityKind, target: ObjectId) -> Result<(), Fault> {
    let state = page.referring(kind, target)?;
    if state == ObjectState::Live {
        Ok(())
    } else {
        Err(fault::recycled(target))
    }
}

fn unknown(kind: EntityKind, attr: Attr) -> Fault {
    let name = attr.core_name().unwrap_or("unknown");
    fault::invalid(
        "SchemaAttributeNotFound",
        format!(
            "{} has no reference attribute {name} to such an object.",
            kind.engine_name()
        ),
    )
}
