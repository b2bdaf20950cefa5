//! Clients of which a tenant says that people have to be assigned to them (`appRoleAssignmentRequired` of the
//! service principal). What is asked for is an assignment to the client, not to Microsoft Graph: by which
//! role does not matter.

use syncline_model::{Attr, ObjectId, TenantId, Value};
use syncline_store::{Assignment, Reader};

use crate::entered::entered;
use crate::sign_in::enabled_user;
use crate::{Client, Refusal};

/// [`Refusal::NotAssigned`] when the client is for those who are assigned and this user is not. As in Entra,
/// direct members of an assigned group are, and administrators are no exception. Of other clients nothing
/// is read.
pub(crate) fn check(
    reader: &Reader<'_>,
    tenant: TenantId,
    client: &Client,
    user: ObjectId,
) -> Result<(), Refusal> {
    if !is_required(client) {
        return Ok(());
    }
    let principal = &client.service_principal;
    let directly = reader.assignments_between(tenant, principal.id, &[user])?;
    if !directly.is_empty() || is_in_assigned_group(reader, tenant, principal.id, user)? {
        return Ok(());
    }
    let entry = enabled_user(reader, tenant, user)?;
    let name = entry.text(Attr::USER_PRINCIPAL_NAME).unwrap_or_default();
    Err(Refusal::NotAssigned(
        client.display_name().to_owned(),
        client.app_id.to_string(),
        name.to_owned(),
    ))
}

/// Whether the tenant says that people have to be assigned to the client.
pub(crate) fn is_required(client: &Client) -> bool {
    let principal = &client.service_principal;
    principal.bool(Attr::APP_ROLE_ASSIGNMENT_REQUIRED) == Some(true)
}

fn is_in_assigned_group(
    reader: &Reader<'_>,
    tenant: TenantId,
    service_principal: ObjectId,
    user: ObjectId,
) -> Result<bool, Refusal> {
    let assigned = reader.assigned_groups(tenant, service_principal)?;
    let groups = assigned.iter().map(Assignment::principal).collect();
    // The same groups that put people into the scope of a synchronization.
    let counts = |value: Option<&Value>| value != Some(&Value::Bool(false));
    let entered = entered(reader, tenant, groups, user, Attr::SECURITY_ENABLED, counts)?;
    Ok(!entered.is_empty())
}
