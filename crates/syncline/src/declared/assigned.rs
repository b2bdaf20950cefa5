//! Who is assigned to a configuration, of the kinds that a file lists.

use std::collections::BTreeMap;

use syncline_directory::app_role_assignments as assignments;
use syncline_model::{EntityKind, ObjectId, TenantId, Value};
use syncline_store::{Assignment, ObjectState, Reader};

use super::file::Assigned;
use super::present::shown;
use crate::failure::Failure;
use crate::named::name_of;

/// Assignments read at once.
const PAGE: usize = 500;

/// Each with what people call them, whatever role they have. Where the file lists groups alone, none of the users is read,
/// however many are assigned.
pub fn read(
    reader: &Reader<'_>,
    tenant: TenantId,
    service_principal: ObjectId,
    listed: &Assigned,
) -> Result<BTreeMap<ObjectId, (EntityKind, String)>, Failure> {
    match (&listed.users, &listed.groups) {
        (None, None) => Ok(BTreeMap::new()),
        (None, Some(_)) => groups(reader, tenant, service_principal),
        (Some(_), groups) => {
            let mut all = users_and_groups(reader, tenant, service_principal)?;
            if groups.is_none() {
                all.retain(|_, (kind, _)| *kind == EntityKind::User);
            }
            Ok(all)
        }
    }
}

fn groups(
    reader: &Reader<'_>,
    tenant: TenantId,
    service_principal: ObjectId,
) -> Result<BTreeMap<ObjectId, (EntityKind, String)>, Failure> {
    let kind = EntityKind::Group;
    let assigned = reader.assigned_groups(tenant, service_principal)?;
    let ids: Vec<ObjectId> = assigned.iter().map(Assignment::principal).collect();
    let mut found = BTreeMap::new();
    for page in ids.chunks(PAGE) {
        for group in reader.peek(tenant, kind, page, [name_of(kind)])? {
            if group.state == ObjectState::Live {
                let [name] = &group.values;
                let name = name.as_ref().and_then(Value::as_text);
                found.insert(group.id, (kind, name.unwrap_or_default().to_owned()));
            }
        }
    }
    Ok(found)
}

fn users_and_groups(
    reader: &Reader<'_>,
    tenant: TenantId,
    service_principal: ObjectId,
) -> Result<BTreeMap<ObjectId, (EntityKind, String)>, Failure> {
    let mut found = BTreeMap::new();
    let mut after = None;
    loop {
        let page = assignments::of_resource(reader, tenant, service_principal, after, PAGE)?;
        let Some((last, _)) = page.last() else {
            return Ok(found);
        };
        after = Some((last.principal(), last.role));
        for (assignment, principal) in page {
            // Service principals are none of those who are synchronized.
            let kind = assignment.principal_kind;
            if matches!(kind, EntityKind::User | EntityKind::Group) {
                found.insert(assignment.principal(), (kind, shown(&principal)));
            }
        }
    }
}
