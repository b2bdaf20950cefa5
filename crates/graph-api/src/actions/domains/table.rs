//! `domain` as JSON, and what a list may filter by.

use std::sync::LazyLock;

use serde_json::{Value as Json, json};
use syncline_model::schema::Filter;
use syncline_model::{Attr, EntityKind, EntityType, Property, PropertyType};
use syncline_store::Domain;

/// The properties by name; attributes are borrowed and only have to differ.
pub(super) static TABLE: LazyLock<EntityType> = LazyLock::new(|| {
    let text = [
        "id",
        "authenticationType",
        "availabilityStatus",
        "manufacturer",
        "model",
        "passwordNotificationWindowInDays",
        "passwordValidityPeriodInDays",
        "state",
        "supportedServices",
    ];
    let flags = [
        "isAdminManaged",
        "isDefault",
        "isInitial",
        "isRoot",
        "isVerified",
    ];
    let property = |number: u16, name: &'static str, kind| Property {
        name: name.into(),
        filter: Filter::Basic,
        ..Property::new(Attr(number), kind, "A property of a domain.").by_default()
    };
    let text = (1..)
        .zip(text)
        .map(|(number, name)| property(number, name, PropertyType::Text));
    let flags = (101..)
        .zip(flags)
        .map(|(number, name)| property(number, name, PropertyType::Bool));
    EntityType::new(EntityKind::User, text.chain(flags).collect())
});

pub(super) fn json(domain: &Domain) -> Json {
    json!({
        "id": domain.name,
        "authenticationType": "Managed",
        "availabilityStatus": null,
        "isAdminManaged": true,
        "isDefault": domain.is_default,
        "isInitial": domain.is_initial,
        "isRoot": true,
        "isVerified": true,
        "manufacturer": null,
        "model": null,
        "passwordNotificationWindowInDays": null,
        "passwordValidityPeriodInDays": 2_147_483_647,
        "state": null,
        "supportedServices": ["Email", "OfficeCommunicationsOnline"],
    })
}
