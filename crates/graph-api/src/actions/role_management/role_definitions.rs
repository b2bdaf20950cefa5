//! `/roleManagement/directory/roleDefinitions`: the built-in roles.

use std::sync::LazyLock;

use serde_json::{Value as Json, json};
use syncline_access::DirectoryRole;
use syncline_model::schema::Filter;
use syncline_model::{Attr, EntityKind, EntityType, Problem, Property, PropertyType};
use syncline_odata::{QueryOptions, Rules};

use crate::list::small;
use crate::{Call, Reply};

const SET: &str = "roleManagement/directory/roleDefinitions";

static TABLE: LazyLock<EntityType> = LazyLock::new(|| {
    let property = |attr, name: &'static str, kind| Property {
        name: name.into(),
        filter: Filter::Full,
        ..Property::new(attr, kind, "A property of a role definition.").by_default()
    };
    let properties = vec![
        property(Attr::ID, "id", PropertyType::Text),
        property(Attr::DESCRIPTION, "description", PropertyType::Text),
        property(Attr::DISPLAY_NAME, "displayName", PropertyType::Text),
        property(Attr::IS_RESOURCE_ACCOUNT, "isBuiltIn", PropertyType::Bool),
        property(Attr::ACCOUNT_ENABLED, "isEnabled", PropertyType::Bool),
        property(Attr::TAGS, "resourceScopes", PropertyType::Text),
        property(Attr::APP_ROLES, "rolePermissions", PropertyType::Text),
        property(
            Attr::APPLICATION_TEMPLATE_ID,
            "templateId",
            PropertyType::Text,
        ),
        property(Attr::NOTES, "version", PropertyType::Text),
    ];
    EntityType::new(EntityKind::Group, properties)
});

/// `GET /roleManagement/directory/roleDefinitions`
pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let items = DirectoryRole::ALL.iter().map(|role| json(*role)).collect();
    small::reply(call, SET, &TABLE, &Rules::directory(), items)
}

/// `GET /roleManagement/directory/roleDefinitions/{id}`
pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    let text = call.key("id")?.value();
    let role = text
        .parse()
        .ok()
        .and_then(DirectoryRole::from_template)
        .ok_or_else(|| Problem::not_found(text))?;
    let mut json = selected(&call.query, role)?;
    json["@odata.context"] = call.context(&format!("{SET}/$entity")).into();
    Ok(Reply::ok(json))
}

/// A role as `$select` asks.
pub(super) fn selected(options: &QueryOptions, role: DirectoryRole) -> Result<Json, Problem> {
    small::select(options, &TABLE, json(role))
}

/// `unifiedRoleDefinition`
fn json(role: DirectoryRole) -> Json {
    let id = role.template_id().to_string();
    json!({
        "id": id,
        "description": role.description(),
        "displayName": role.display_name(),
        "isBuiltIn": true,
        "isEnabled": true,
        "resourceScopes": ["/"],
        "rolePermissions": [],
        "templateId": id,
        "version": "1",
    })
}
