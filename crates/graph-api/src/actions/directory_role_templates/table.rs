//! `directoryRoleTemplate` as JSON.

use std::sync::LazyLock;

use serde_json::{Value as Json, json};
use syncline_access::DirectoryRole;
use syncline_model::schema::Filter;
use syncline_model::{Attr, EntityKind, EntityType, Property, PropertyType};

/// The properties by name.
pub(super) static TABLE: LazyLock<EntityType> = LazyLock::new(|| {
    let property = |attr, name: &'static str| Property {
        name: name.into(),
        filter: Filter::Basic,
        ..Property::new(attr, PropertyType::Text, "A property of a role template.").by_default()
    };
    let properties = vec![
        property(Attr::ID, "id"),
        property(Attr::DELETED_DATE_TIME, "deletedDateTime"),
        property(Attr::DESCRIPTION, "description"),
        property(Attr::DISPLAY_NAME, "displayName"),
    ];
    EntityType::new(EntityKind::DirectoryRole, properties)
});

pub(super) fn json(role: DirectoryRole) -> Json {
    json!({
        "id": role.template_id().to_string(),
        "deletedDateTime": null,
        "description": role.description(),
        "displayName": role.display_name(),
    })
}
