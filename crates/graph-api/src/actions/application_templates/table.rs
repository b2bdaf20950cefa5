//! `applicationTemplate` as JSON, and what a list may filter and sort by.

use std::sync::LazyLock;

use serde_json::{Value as Json, json};
use syncline_directory::applications::Template;
use syncline_model::schema::Filter;
use syncline_model::{Attr, EntityKind, EntityType, Property, PropertyType};
use syncline_odata::Rules;

/// Names that the entity table has no attributes for borrow one that means about the same.
pub(super) static TABLE: LazyLock<EntityType> = LazyLock::new(|| {
    let named = |name: &'static str, attr, doc| Property {
        name: name.into(),
        ..Property::new(attr, PropertyType::Text, doc).by_default()
    };
    let properties = vec![
        named("id", Attr::ID, "Id of the template.").filter(Filter::Basic),
        named("displayName", Attr::DISPLAY_NAME, "Name.")
            .filter(Filter::WithContains)
            .sortable(),
        named("categories", Attr::TAGS, "Categories.")
            .many()
            .filter(Filter::WithContains),
        named("description", Attr::DESCRIPTION, "Description."),
        named("homePageUrl", Attr::HOMEPAGE, "Home page."),
        named("logoUrl", Attr::INFO, "Logo."),
        named("publisher", Attr::PUBLISHER_NAME, "Publisher.").sortable(),
        named(
            "supportedProvisioningTypes",
            Attr::RESOURCE_PROVISIONING_OPTIONS,
            "Kinds of provisioning.",
        )
        .many(),
        named(
            "supportedSingleSignOnModes",
            Attr::PREFERRED_SINGLE_SIGN_ON_MODE,
            "Kinds of single sign-on.",
        )
        .many(),
    ];
    EntityType::new(EntityKind::Application, properties)
});

/// Contrary to directory objects: `contains` and `$skip` are known.
pub(super) fn rules() -> Rules {
    Rules {
        contains: true,
        skip: true,
        sort_any: true,
        ..Rules::directory()
    }
}

pub(super) fn json(template: &Template) -> Json {
    json!({
        "id": template.id,
        "categories": template.categories,
        "description": template.description,
        "displayName": template.display_name,
        "homePageUrl": template.home_page_url,
        "logoUrl": null,
        "publisher": template.publisher,
        "supportedProvisioningTypes": template.supported_provisioning_types,
        "supportedSingleSignOnModes": template.supported_single_sign_on_modes,
    })
}
