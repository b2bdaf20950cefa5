//! `directoryRole` as JSON. A role's id in a tenant is its template id.

use serde_json::{Value as Json, json};
use syncline_access::{DirectoryRole, roles};
use syncline_model::{EntityKind, EntityType, Problem, Schema};
use syncline_store::Reader;

use crate::Call;
use crate::actions::role_management::given;

/// The properties by name.
pub(super) fn table() -> &'static EntityType {
    Schema::core().of(EntityKind::DirectoryRole)
}

pub(super) fn json(role: DirectoryRole) -> Json {
    let id = role.template_id().to_string();
    json!({
        "id": id,
        "deletedDateTime": null,
        "description": role.description(),
        "displayName": role.display_name(),
        "roleTemplateId": id,
    })
}

/// The active roles: activated, or held by somebody. Not those that count for nobody.
pub(super) fn active(call: &Call<'_>, reader: &Reader<'_>) -> Result<Vec<DirectoryRole>, Problem> {
    let activated = roles::activated(reader, call.tenant())?;
    let mut held = given::all(call, reader)?;
    let unheld = roles::unheld(reader, call.tenant(), &held)?;
    held.retain(|it| !unheld.iter().any(|(unheld, _)| unheld == it));
    let is_active =
        |role: &DirectoryRole| activated.contains(role) || held.iter().any(|it| it.role == *role);
    Ok(DirectoryRole::ALL
        .iter()
        .copied()
        .filter(is_active)
        .collect())
}

/// The role that the path names: by id or `(roleTemplateId='…')`.
pub(super) fn role(call: &Call<'_>) -> Result<DirectoryRole, Problem> {
    let key = call.key("id")?;
    let text = key.alternate("roleTemplateId").unwrap_or(key.value());
    let id = text.parse().map_err(|_| Problem::not_found(text))?;
    DirectoryRole::from_template(id).ok_or_else(|| Problem::not_found(text))
}
