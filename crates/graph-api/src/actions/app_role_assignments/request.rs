//! The body of a new assignment.

use syncline_model::{Attr, EntityKind, ObjectId, Problem, Schema, Value};
use uuid::Uuid;

use crate::Call;
use crate::wire::entity_in::{self, Purpose};

/// Who gets which role of what.
pub(super) struct NewAssignment {
    pub(super) principal: ObjectId,
    pub(super) resource: ObjectId,
    pub(super) role: Uuid,
}

/// Reads the body.
///
/// # Errors
/// 400 when one of the three ids is missing or is no GUID.
pub(super) fn read(call: &Call<'_>) -> Result<NewAssignment, Problem> {
    let body = call.body("appRoleAssignment")?;
    let entity = Schema::core().of(EntityKind::AppRoleAssignment);
    let changes = entity_in::read(&body, entity, Purpose::Create)?;
    let guid = |attr: Attr, name: &str| {
        let found = changes.iter().find(|(it, _)| *it == attr);
        match found {
            Some((_, Some(Value::Guid(id)))) => Ok(*id),
            _ => Err(body.missing(name)),
        }
    };
    Ok(NewAssignment {
        principal: ObjectId(guid(Attr::ASSIGNMENT_PRINCIPAL_ID, "principalId")?),
        resource: ObjectId(guid(Attr::ASSIGNMENT_RESOURCE_ID, "resourceId")?),
        role: guid(Attr::ASSIGNMENT_APP_ROLE_ID, "appRoleId")?,
    })
}

/// 400: the body speaks of another object than the path.
pub(super) fn contradicts_path(property: &str, path: ObjectId) -> Problem {
    let message = format!("The value of '{property}' must be the id in the request URL, '{path}'.");
    Problem::bad_request(message.clone()).with_detail("InvalidValue", message, Some(property))
}
