//! The users' object mapping: 23 attribute mappings in the portal's order.

use super::metadata;
use crate::schema::{
    AttributeMapping, AttributeMappingSource as Source, FlowType, FlowTypes, ObjectMapping,
};

/// Mapped to the attribute of the same name, in order; the others stand between them.
const BEFORE_SHOW_IN_ADDRESS_LIST: &[&str] = &[
    "IsSoftDeleted",
    "accountEnabled",
    "streetAddress",
    "city",
    "state",
    "postalCode",
    "country",
    "department",
    "employeeId",
    "displayName",
    "givenName",
    "jobTitle",
    "mailNickname",
    "physicalDeliveryOfficeName",
    "preferredLanguage",
    "surname",
    "telephoneNumber",
    "userPrincipalName",
];

pub(super) fn mapping() -> ObjectMapping {
    let mut mappings = vec![AttributeMapping {
        matching_priority: 1,
        ..to(
            "alternativeSecurityIds",
            Source::function(
                "AltSecIdFromNetId",
                &[("source", Source::attribute("netId"))],
            ),
        )
    }];
    mappings.extend(BEFORE_SHOW_IN_ADDRESS_LIST.iter().map(|name| same(name)));
    mappings.push(to("showInAddressList", Source::constant("true")));
    mappings.push(same("mail"));
    // At creation only: a guest that was adopted stays a guest.
    mappings.push(AttributeMapping {
        flow_type: FlowType::ObjectAddOnly,
        ..to("userType", Source::constant("Member"))
    });
    mappings.push(same("manager"));
    ObjectMapping {
        attribute_mappings: mappings,
        enabled: true,
        flow_types: FlowTypes::default(),
        metadata: metadata::object(),
        name: Some("Provision Azure Active Directory Users".to_owned()),
        source_object_name: Some("User".to_owned()),
        target_object_name: Some("User".to_owned()),
        ..ObjectMapping::default()
    }
}

/// The attribute of the same name.
pub(super) fn same(name: &str) -> AttributeMapping {
    to(name, Source::attribute(name))
}

pub(super) fn to(target: &str, source: Source) -> AttributeMapping {
    AttributeMapping {
        target_attribute_name: Some(target.to_owned()),
        source: Some(source),
        ..AttributeMapping::default()
    }
}
