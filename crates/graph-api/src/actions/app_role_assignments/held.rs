//! `/users/{id}/appRoleAssignments`, and the same on groups and service principals

use syncline_directory::app_role_assignments as assignments;
use syncline_directory::service_principals;
use syncline_model::{EntityKind, Problem, Schema};
use syncline_odata::Rules;
use syncline_store::{Assignment, Reader, Stored};

use super::{permission, request};
use crate::actions::lookup;
use crate::list::small;
use crate::wire::assignment;
use crate::{Call, Reply};

type Find = fn(&Call<'_>, &Reader<'_>) -> Result<Stored, Problem>;

/// `GET /users/{id}/appRoleAssignments` and its `/$count`
pub fn of_user(call: &Call<'_>) -> Result<Reply, Problem> {
    list(call, lookup::user)
}

/// `GET /groups/{id}/appRoleAssignments` and its `/$count`
pub fn of_group(call: &Call<'_>) -> Result<Reply, Problem> {
    list(call, lookup::group)
}

/// `GET /servicePrincipals/{id}/appRoleAssignments` and its `/$count`
pub fn of_service_principal(call: &Call<'_>) -> Result<Reply, Problem> {
    list(call, lookup::service_principal)
}

/// `POST /users/{id}/appRoleAssignments`
pub fn assign_to_user(call: &Call<'_>) -> Result<Reply, Problem> {
    assign(call, lookup::user)
}

/// `POST /groups/{id}/appRoleAssignments`
pub fn assign_to_group(call: &Call<'_>) -> Result<Reply, Problem> {
    assign(call, lookup::group)
}

/// `POST /servicePrincipals/{id}/appRoleAssignments`
pub fn assign_to_service_principal(call: &Call<'_>) -> Result<Reply, Problem> {
    assign(call, lookup::service_principal)
}

/// `GET /users/{id}/appRoleAssignments/{assignmentId}`
pub fn get_of_user(call: &Call<'_>) -> Result<Reply, Problem> {
    get(call, lookup::user)
}

/// `GET /groups/{id}/appRoleAssignments/{assignmentId}`
pub fn get_of_group(call: &Call<'_>) -> Result<Reply, Problem> {
    get(call, lookup::group)
}

/// `GET /servicePrincipals/{id}/appRoleAssignments/{assignmentId}`
pub fn get_of_service_principal(call: &Call<'_>) -> Result<Reply, Problem> {
    get(call, lookup::service_principal)
}

/// `DELETE /users/{id}/appRoleAssignments/{assignmentId}`
pub fn unassign_from_user(call: &Call<'_>) -> Result<Reply, Problem> {
    unassign(call, lookup::user)
}

/// `DELETE /groups/{id}/appRoleAssignments/{assignmentId}`
pub fn unassign_from_group(call: &Call<'_>) -> Result<Reply, Problem> {
    unassign(call, lookup::group)
}

/// `DELETE /servicePrincipals/{id}/appRoleAssignments/{assignmentId}`
pub fn unassign_from_service_principal(call: &Call<'_>) -> Result<Reply, Problem> {
    unassign(call, lookup::service_principal)
}

fn list(call: &Call<'_>, find: Find) -> Result<Reply, Problem> {
    call.read(|reader| {
        let principal = find(call, reader)?;
        let held = assignments::of_principal(reader, call.tenant(), principal.entry.id)?;
        call.has_read(held.len())?;
        let items = held
            .iter()
            .map(|(it, resource)| assignment::json(it, &principal, resource))
            .collect();
        let entity = Schema::core().of(EntityKind::AppRoleAssignment);
        small::reply(
            call,
            &context(&principal),
            entity,
            &Rules::directory(),
            items,
        )
    })
}

fn get(call: &Call<'_>, find: Find) -> Result<Reply, Problem> {
    call.read(|reader| {
        let principal = find(call, reader)?;
        let found = held(call, reader, &principal)?;
        let resource =
            service_principals::find(reader, call.tenant(), &found.resource.to_string())?;
        let mut json = assignment::json(&found, &principal, &resource);
        json["@odata.context"] = call
            .context(&format!("{}/$entity", context(&principal)))
            .into();
        Ok(Reply::ok(json))
    })
}

fn assign(call: &Call<'_>, find: Find) -> Result<Reply, Problem> {
    let new = request::read(call)?;
    let (assignment, principal, resource) = call.write(|tx, directory| {
        let principal = find(call, tx)?;
        if new.principal != principal.entry.id {
            return Err(request::contradicts_path("principalId", principal.entry.id));
        }
        let resource = service_principals::find(tx, call.tenant(), &new.resource.to_string())?;
        permission::check(call, &resource)?;
        let assignment = assignments::assign(tx, directory, new.resource, new.principal, new.role)?;
        Ok((assignment, principal, resource))
    })?;
    let mut json = assignment::json(&assignment, &principal, &resource);
    json["@odata.context"] = call
        .context(&format!("{}/$entity", context(&principal)))
        .into();
    Ok(Reply::created(json))
}

fn unassign(call: &Call<'_>, find: Find) -> Result<Reply, Problem> {
    call.write(|tx, directory| {
        let principal = find(call, tx)?;
        let found = held(call, tx, &principal)?;
        // A resource in the recycle bin can not be Microsoft Graph.
        if let Ok(resource) =
            service_principals::find(tx, call.tenant(), &found.resource.to_string())
        {
            permission::check(call, &resource)?;
        }
        assignments::unassign(tx, directory, &found)
    })?;
    Ok(Reply::no_content())
}

fn held(call: &Call<'_>, reader: &Reader<'_>, principal: &Stored) -> Result<Assignment, Problem> {
    let text = call.key("assignmentId")?.value();
    let id = assignments::parse_id(text).ok_or_else(|| Problem::not_found(text))?;
    let found = assignments::find(reader, call.tenant(), &id)?;
    if found.principal() == principal.entry.id {
        Ok(found)
    } else {
        Err(Problem::not_found(text))
    }
}

fn context(principal: &Stored) -> String {
    let set = match principal.entry.kind {
        EntityKind::Group => "groups",
        EntityKind::ServicePrincipal => "servicePrincipals",
        _ => "users",
    };
    format!("{set}('{}')/appRoleAssignments", principal.entry.id)
}
