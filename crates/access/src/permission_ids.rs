//! Microsoft Graph's permissions looked up by id or by name, as an app role assignment or a token
//! names them.

use syncline_model::graph_permission::PERMISSIONS;
use uuid::Uuid;

/// The application permission with this id.
pub fn role_value(id: Uuid) -> Option<&'static str> {
    PERMISSIONS
        .iter()
        .find(|permission| permission.role == Some(id))
        .map(|permission| permission.name)
}

/// The delegated permission with this id.
pub fn scope_value(id: Uuid) -> Option<&'static str> {
    PERMISSIONS
        .iter()
        .find(|permission| permission.scope == Some(id))
        .map(|permission| permission.name)
}

/// The id of an application permission.
pub fn role_id(value: &str) -> Option<Uuid> {
    PERMISSIONS
        .iter()
        .find(|permission| permission.name == value)?
        .role
}

/// The id of a delegated permission.
pub fn scope_id(value: &str) -> Option<Uuid> {
    PERMISSIONS
        .iter()
        .find(|permission| permission.name == value)?
        .scope
}

/// The delegated permission of this name in Graph's spelling, whatever the case.
pub fn scope_named(value: &str) -> Option<&'static str> {
    PERMISSIONS
        .iter()
        .find(|permission| {
            permission.scope.is_some() && permission.name.eq_ignore_ascii_case(value)
        })
        .map(|permission| permission.name)
}
