//! The groups' object mapping, switched off by default. Its mappings are not published; these make
//! a security group of the same name, whatever kind of group the source has.

use super::metadata;
use super::users::{same, to};
use crate::schema::{AttributeMapping, AttributeMappingSource as Source, FlowTypes, ObjectMapping};

pub(super) fn mapping() -> ObjectMapping {
    ObjectMapping {
        attribute_mappings: vec![
            AttributeMapping {
                matching_priority: 1,
                ..to("alternativeSecurityIds", Source::attribute("objectId"))
            },
            same("IsSoftDeleted"),
            same("displayName"),
            same("description"),
            same("mailNickname"),
            to("mailEnabled", Source::constant("false")),
            to("securityEnabled", Source::constant("true")),
            same("members"),
        ],
        enabled: false,
        flow_types: FlowTypes::default(),
        metadata: metadata::object(),
        name: Some("Provision Azure Active Directory Groups".to_owned()),
        source_object_name: Some("Group".to_owned()),
        target_object_name: Some("Group".to_owned()),
        ..ObjectMapping::default()
    }
}
