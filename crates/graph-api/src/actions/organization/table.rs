//! `organization` as JSON, and what `$select` may name.

use std::sync::LazyLock;

use serde_json::{Value as Json, json};
use syncline_model::{Attr, EntityKind, EntityType, Property, PropertyType};
use syncline_store::{Domain, Tenant};

/// The properties by name; attributes are borrowed and only have to differ.
pub(super) static TABLE: LazyLock<EntityType> = LazyLock::new(|| {
    let names = [
        "id",
        "deletedDateTime",
        "assignedPlans",
        "businessPhones",
        "city",
        "country",
        "countryLetterCode",
        "createdDateTime",
        "defaultUsageLocation",
        "displayName",
        "marketingNotificationEmails",
        "mobileDeviceManagementAuthority",
        "onPremisesLastSyncDateTime",
        "onPremisesSyncEnabled",
        "partnerTenantType",
        "postalCode",
        "preferredLanguage",
        "privacyProfile",
        "provisionedPlans",
        "securityComplianceNotificationMails",
        "securityComplianceNotificationPhones",
        "state",
        "street",
        "technicalNotificationMails",
        "tenantType",
        "verifiedDomains",
    ];
    let property = |(number, name): (u16, &'static str)| Property {
        name: name.into(),
        ..Property::new(
            Attr(number),
            PropertyType::Text,
            "A property of the tenant.",
        )
        .by_default()
    };
    EntityType::new(EntityKind::User, (1..).zip(names).map(property).collect())
});

pub(super) fn json(tenant: &Tenant) -> Json {
    json!({
        "id": tenant.id.to_string(),
        "deletedDateTime": null,
        "assignedPlans": [],
        "businessPhones": [],
        "city": null,
        "country": null,
        "countryLetterCode": null,
        "createdDateTime": tenant.created_at.to_string(),
        "defaultUsageLocation": null,
        "displayName": tenant.display_name,
        "marketingNotificationEmails": [],
        "mobileDeviceManagementAuthority": "unknown",
        "onPremisesLastSyncDateTime": null,
        "onPremisesSyncEnabled": null,
        "partnerTenantType": null,
        "postalCode": null,
        "preferredLanguage": "en",
        "privacyProfile": null,
        "provisionedPlans": [],
        "securityComplianceNotificationMails": [],
        "securityComplianceNotificationPhones": [],
        "state": null,
        "street": null,
        "technicalNotificationMails": [],
        "tenantType": "AAD",
        "verifiedDomains": tenant.domains.iter().map(verified_domain).collect::<Vec<_>>(),
    })
}

fn verified_domain(domain: &Domain) -> Json {
    json!({
        "capabilities": "Email, OfficeCommunicationsOnline",
        "isDefault": domain.is_default,
        "isInitial": domain.is_initial,
        "name": domain.name,
        "type": "Managed",
    })
}
