//! `directoryRole` as JSON. A role's id in a tenant is its template id.

use std::sync::LazyLock;

use serde_json::{Value as Json, json};
use syncline_access::DirectoryRole;
use syncline_access::roles::{self, RoleAssignment};
use syncline_model::schema::Filter;
use syncline_model::{Attr, EntityKind, EntityType, Problem, Property, PropertyType};
use syncline_store::Reader;

use crate::Call;

/// The properties by name; attributes are borrowed and only have to differ.
pub(super) static TABLE: LazyLock<EntityType> = LazyLock::new(|| {
    let property = |attr, name: &'static str| Property {
        name: name.into(),
        filter: Filter::Basic,
        ..Property::new(attr, PropertyType::Text, "A property of a directory role.").by_default()
    };
    let properties = vec![
        property(Attr::ID, "id"),
        property(Attr::DELETED_DATE_TIME, "deletedDateTime"),
        property(Attr::DESCRIPTION, "description"),
        property(Attr::DISPLAY_NAME, "displayName"),
        property(Attr::APPLICATION_TEMPLATE_ID, "roleTemplateId"),
    ];
    EntityType::new(EntityKind::Group, properties)
});

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

/// The role that the path names: by id or `(roleTemplateId='…')`.
pub(super) fn role(call: &Call<'_>) -> Result<DirectoryRole, Problem> {
    let key = call.key("id")?;
    let text = key.alternate("roleTemplateId").unwrap_or(key.value());
    let id = text.parse().map_err(|_| Problem::not_found(text))?;
    DirectoryRole::from_template(id).ok_or_else(|| Problem::not_found(text))
}

/// Every assignment of the tenant. There are few: administrators.
pub(in crate::actions) fn assignments(
    call: &Call<'_>,
    reader: &Reader<'_>,
) -> Result<Vec<RoleAssignment>, Problem> {
    const PAGE: usize = 500;
    let mut all: Vec<RoleAssignment> = Vec::new();
    loop {
        let after = all.last().map(|it| (it.principal, it.role));
        let page = roles::list(reader, call.tenant(), after, PAGE)?;
        let ended = page.len() < PAGE;
        all.extend(page);
        if ended {
            return Ok(all);
        }
    }
}
