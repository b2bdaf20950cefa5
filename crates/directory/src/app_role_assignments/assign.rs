//! Assigns app roles.

use syncline_model::{Attr, EntityKind, ObjectId, Problem, Value};
use syncline_store::{Assignment, AssignmentId, StoreError, Stored, Tx};
use uuid::Uuid;

use crate::applications::role_id;
use crate::{Context, load};

/// The role of an assignment without a role, which every service principal accepts.
pub const DEFAULT_ACCESS: Uuid = Uuid::nil();

/// What one principal holds at most, of all service principals together: as many as in Entra. Whoever asks what it holds reads
/// all of it.
pub const MOST_OF_PRINCIPAL: usize = 1_500;

/// What may hold a role.
pub(crate) const PRINCIPAL_KINDS: [EntityKind; 3] = [
    EntityKind::User,
    EntityKind::Group,
    EntityKind::ServicePrincipal,
];

/// Gives a live principal a role of a live service principal.
///
/// # Errors
/// 400 also for one that holds [`MOST_OF_PRINCIPAL`] already. What is more, of a version that knew no bound, stays. Whatever is
/// refused, the transaction is not to be stored.
pub fn assign(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    resource: ObjectId,
    principal: ObjectId,
    role: Uuid,
) -> Result<Assignment, Problem> {
    let mut assigned = assign_many(tx, context, resource, &[principal], role)?;
    assigned.pop().ok_or_else(|| Problem::not_found(principal))
}

/// The same for many principals, each of whom is another one: all of them, or none and the reason of the first.
pub fn assign_many(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    resource: ObjectId,
    principals: &[ObjectId],
    role: Uuid,
) -> Result<Vec<Assignment>, Problem> {
    let tenant = context.tenant_id();
    let service_principal = load::live(tx, tenant, EntityKind::ServicePrincipal, resource)?;
    let kinds = load::live_kinds(tx, tenant, &PRINCIPAL_KINDS, principals)?;
    let mut assignments = Vec::with_capacity(principals.len());
    for (principal, kind) in principals.iter().zip(kinds) {
        if role != DEFAULT_ACCESS && !offers(&service_principal, role, kind) {
            return Err(Problem::bad_request(format!(
                "Permission being assigned was not found on application '{resource}'"
            )));
        }
        let mut suffix = [0; 16];
        context.ids.fill_secret(&mut suffix);
        assignments.push(Assignment {
            id: AssignmentId {
                principal: *principal,
                suffix,
            },
            resource,
            principal_kind: kind,
            role,
            created_at: context.now,
        });
    }
    match tx.insert_assignments(tenant, &assignments) {
        Ok(()) => {}
        Err(StoreError::Taken) => {
            return Err(Problem::bad_request(
                "Permission being assigned already exists on the object",
            ));
        }
        Err(error) => return Err(error.into()),
    }
    // Only now: of what is held already nothing is to be taken away first.
    let full = tx.principals_with_more_assignments(tenant, principals, MOST_OF_PRINCIPAL)?;
    if let Some(full) = full.first() {
        return Err(Problem::bad_request(format!(
            "A user, group or service principal has at most {MOST_OF_PRINCIPAL} app role assignments, and '{full}' has as many. Take some away first."
        )));
    }
    Ok(assignments)
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
