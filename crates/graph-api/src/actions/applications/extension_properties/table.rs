//! `extensionProperty` as JSON, and what a list may filter by.

use std::sync::LazyLock;

use serde_json::{Value as Json, json};
use syncline_model::schema::{ExtensionProperty, ExtensionTarget, Filter};
use syncline_model::{
    Attr, EntityKind, EntityType, IdMap, ObjectId, Problem, Property, PropertyType, Value,
};
use syncline_store::{Peeked, Reader};

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
    // Of applications that may be large nothing but their names.
    let kind = EntityKind::Application;
    let named = reader.peek(call.tenant(), kind, &ids, [Attr::DISPLAY_NAME])?;
    let names: IdMap<ObjectId, Option<Value>> = named
        .into_iter()
        .map(
            |Peeked {
                 id, values: [name], ..
             }| (id, name),
        )
        .collect();
    let name = |property: &ExtensionProperty| {
        let name = names.get(&property.application).and_then(Option::as_ref);
        name.and_then(Value::as_text).unwrap_or_default()
    };
    Ok(properties.iter().map(|it| json(it, name(it))).collect())
}
