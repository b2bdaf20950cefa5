//! Assigns an app role.

use syncline_model::{Attr, EntityKind, ObjectId, Problem, Value};
use syncline_store::{Assignment, AssignmentId, StoreError, Stored, Tx};
use uuid::Uuid;

use crate::applications::role_id;
use crate::{Context, load};

/// The role of an assignment without a role, which every service principal accepts.
pub const DEFAULT_ACCESS: Uuid = Uuid::nil();

/// What may hold a role.
pub(crate) const PRINCIPAL_KINDS: [EntityKind; 3] = [
    EntityKind::User,
    EntityKind::Group,
    EntityKind::ServicePrincipal,
];

/// Gives a live principal a role of a live service principal.
pub fn assign(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    resource: ObjectId,
    principal: ObjectId,
    role: Uuid,
) -> Result<Assignment, Problem> {
    let tenant = context.tenant_id();
    let service_principal = load::live(tx, tenant, EntityKind::ServicePrincipal, resource)?;
    let holder = load::live_among(tx, tenant, &PRINCIPAL_KINDS, principal)?;
    if role != DEFAULT_ACCESS && !offers(&service_principal, role, holder.entry.kind) {
        return Err(Problem::bad_request(format!(
            "Permission being assigned was not found on application '{resource}'"
        )));
    }
    let mut suffix = [0; 16];
    context.ids.fill_secret(&mut suffix);
    let assignment = Assignment {
        id: AssignmentId { principal, suffix },
        resource,
        principal_kind: holder.entry.kind,
        role,
        created_at: context.now,
    };
    match tx.insert_assignment(tenant, &assignment) {
        Ok(()) => Ok(assignment),
        Err(StoreError::Taken) => Err(Problem::bad_request(
            "Permission being assigned already exists on the object",
        )),
        Err(error) => Err(error.into()),
    }
}

/// Whether a service principal has this role, and has it for this kind of principal. Users and
/// groups hold roles for `User`, service principals roles for `Application`.
pub(super) fn offers(service_principal: &Stored, role: Uuid, principal: EntityKind) -> bool {
    let wanted = if principal == EntityKind::ServicePrincipal {
        "Application"
    } else {
        "User"
    };
    let roles = service_principal
        .entry
        .get(Attr::APP_ROLES)
        .map_or(&[][..], Value::as_slice);
    let Some(found) = roles.iter().find(|it| role_id(it) == Some(role)) else {
        return false;
    };
    let members = found
        .member("allowedMemberTypes")
        .map_or(&[][..], Value::as_slice);
    members
        .iter()
        .filter_map(Value::as_text)
        .any(|member| member.eq_ignore_ascii_case(wanted))
}
