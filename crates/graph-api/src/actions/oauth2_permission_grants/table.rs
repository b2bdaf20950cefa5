//! `oAuth2PermissionGrant` as JSON, and what a list may filter by.

use std::sync::LazyLock;

use serde_json::{Value as Json, json};
use syncline_access::grants::{self, Grant};
use syncline_model::schema::Filter;
use syncline_model::{Attr, EntityKind, EntityType, Problem, Property, PropertyType};
use syncline_store::Reader;

use crate::{Call, Reply};

pub(super) const SET: &str = "oauth2PermissionGrants";

/// The properties by name; attributes are borrowed and only have to differ.
pub(super) static TABLE: LazyLock<EntityType> = LazyLock::new(|| {
    let property = |attr, name: &'static str| Property {
        name: name.into(),
        filter: Filter::Full,
        ..Property::new(attr, PropertyType::Text, "A property of a grant.").by_default()
    };
    let properties = vec![
        property(Attr::ID, "id"),
        property(Attr::APP_ID, "clientId"),
        property(Attr::VISIBILITY, "consentType"),
        property(Attr::ASSIGNMENT_PRINCIPAL_ID, "principalId"),
        property(Attr::ASSIGNMENT_RESOURCE_ID, "resourceId"),
        property(Attr::OAUTH2_PERMISSION_SCOPES, "scope"),
    ];
    EntityType::new(EntityKind::AppRoleAssignment, properties)
});

pub(super) fn json(grant: &Grant) -> Json {
    json!({
        "id": grant.id(),
        "clientId": grant.client.to_string(),
        "consentType": if grant.principal.is_some() { "Principal" } else { "AllPrincipals" },
        "principalId": grant.principal.map(|it| it.to_string()),
        "resourceId": grant.resource.to_string(),
        "scope": grant.scopes.join(" "),
    })
}

/// `scope` in a body: words between spaces.
pub(super) fn scopes(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

pub(super) fn find(call: &Call<'_>, reader: &Reader<'_>) -> Result<Grant, Problem> {
    let id = call.key("id")?.value();
    grants::find(reader, call.tenant(), id)?.ok_or_else(|| Problem::not_found(id))
}

pub(super) fn entity(call: &Call<'_>, grant: &Grant, reply: fn(Json) -> Reply) -> Reply {
    let mut json = json(grant);
    json["@odata.context"] = call.context(&format!("{SET}/$entity")).into();
    reply(json)
}
