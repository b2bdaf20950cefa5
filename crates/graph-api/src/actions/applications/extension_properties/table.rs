//! `extensionProperty` as JSON, and what a list may filter by.

use std::sync::LazyLock;

use serde_json::{Value as Json, json};
use syncline_model::schema::{ExtensionProperty, ExtensionTarget, Filter};
use syncline_model::{Attr, EntityKind, EntityType, Problem, Property, PropertyType};
use syncline_store::Reader;

use crate::Call;

/// The properties by name; attributes are borrowed and only have to differ.
pub(crate) static TABLE: LazyLock<EntityType> = LazyLock::new(|| {
    let property = |attr, name: &'static str, kind| Property {
        name: name.into(),
        filter: Filter::Basic,
        ..Property::new(attr, kind, "A property of an extension.").by_default()
    };
    let properties = vec![
        property(Attr::ID, "id", PropertyType::Guid),
        property(
            Attr::DELETED_DATE_TIME,
            "deletedDateTime",
            PropertyType::Time,
        ),
        property(Attr::APP_DISPLAY_NAME, "appDisplayName", PropertyType::Text),
        property(Attr::CLASSIFICATION, "dataType", PropertyType::Text),
        property(Attr::GROUP_TYPES, "isMultiValued", PropertyType::Bool),
        property(
            Attr::ON_PREMISES_SYNC_ENABLED,
            "isSyncedFromOnPremises",
            PropertyType::Bool,
        ),
        property(Attr::DISPLAY_NAME, "name", PropertyType::Text),
        property(Attr::TAGS, "targetObjects", PropertyType::Text).many(),
    ];
    EntityType::new(EntityKind::Application, properties)
});

pub(crate) fn json(property: &ExtensionProperty, app_display_name: &str) -> Json {
    let targets: Vec<&str> = property
        .targets
        .iter()
        .map(|it| ExtensionTarget::name(*it))
        .collect();
    json!({
        "id": property.id.to_string(),
        "deletedDateTime": null,
        "appDisplayName": app_display_name,
        "dataType": property.data_type.name(),
        "isMultiValued": property.multi_valued,
        "isSyncedFromOnPremises": false,
        "name": property.name,
        "targetObjects": targets,
    })
}

/// `json` of an extension of any application.
pub(crate) fn of_any_application(
    call: &Call<'_>,
    reader: &Reader<'_>,
    properties: &[ExtensionProperty],
) -> Result<Vec<Json>, Problem> {
    let mut ids: Vec<_> = properties.iter().map(|it| it.application).collect();
    ids.sort_unstable();
    ids.dedup();
    let applications = reader.objects(call.tenant(), EntityKind::Application, &ids)?;
    let name = |property: &ExtensionProperty| {
        applications
            .iter()
            .find(|it| it.entry.id == property.application)
            .and_then(|it| it.entry.text(Attr::DISPLAY_NAME))
            .unwrap_or_default()
    };
    Ok(properties.iter().map(|it| json(it, name(it))).collect())
}
