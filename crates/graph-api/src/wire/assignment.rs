//! App role assignments as JSON.

use serde_json::{Value as Json, json};
use syncline_directory::app_role_assignments::id_text;
use syncline_model::Attr;
use syncline_store::{Assignment, Stored};

/// `appRoleAssignment`, with the names of both ends.
pub fn json(assignment: &Assignment, principal: &Stored, resource: &Stored) -> Json {
    json!({
        "id": id_text(&assignment.id),
        "deletedDateTime": null,
        "appRoleId": assignment.role.to_string(),
        "createdDateTime": assignment.created_at.to_string(),
        "principalDisplayName": principal.entry.text(Attr::DISPLAY_NAME),
        "principalId": assignment.principal().to_string(),
        "principalType": assignment.principal_kind.engine_name(),
        "resourceDisplayName": resource.entry.text(Attr::DISPLAY_NAME),
        "resourceId": assignment.resource.to_string(),
    })
}
