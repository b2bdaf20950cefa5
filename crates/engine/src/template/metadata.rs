//! Metadata of rules and object mappings. Values are JSON in text, as Graph has them.

use serde_json::{Value as Json, json};

use crate::schema::{
    AttributeMapping, AttributeMappingSource, FlowBehavior, FlowType, ObjectMapping, Pair,
    SourceType,
};

/// The six keys every object mapping has, in this order.
pub(super) fn object() -> Vec<Pair> {
    vec![
        Pair::new("IsCustomerDefined", "false"),
        Pair::new("DisableMonitoringForChanges", "false"),
        Pair::new("Disposition", "\"Normal\""),
        Pair::new("ExcludeFromReporting", "false"),
        Pair::new("EscrowBehavior", "\"Default\""),
        Pair::new("Unsynchronized", "false"),
    ]
}

/// What "restore default mappings" goes back to, and that one object can be provisioned on demand.
pub(super) fn rule(defaults: &[ObjectMapping]) -> Vec<Pair> {
    let defaults: Vec<Json> = defaults.iter().map(object_mapping).collect();
    vec![
        Pair::new(
            "defaultSourceObjectMappings",
            Json::Array(defaults).to_string(),
        ),
        Pair::new("supportsProvisionOnDemand", "true"),
    ]
}

/// Inside this text keys are Pascal case and enumerations are numbers.
fn object_mapping(mapping: &ObjectMapping) -> Json {
    let flags = [("Add", 1), ("Update", 2), ("Delete", 4)];
    let flow_types: i32 = flags
        .iter()
        .filter(|(flag, _)| mapping.flow_types.has(flag))
        .map(|(_, bit)| bit)
        .sum();
    json!({
        "AttributeMappings": mapping.attribute_mappings.iter().map(attribute_mapping).collect::<Vec<_>>(),
        "Enabled": mapping.enabled,
        "FlowTypes": flow_types,
        "Name": mapping.name,
        "Scope": null,
        "SourceObjectName": mapping.source_object_name,
        "TargetObjectName": mapping.target_object_name,
    })
}

fn attribute_mapping(mapping: &AttributeMapping) -> Json {
    json!({
        "DefaultValue": mapping.default_value,
        "ExportMissingReferences": mapping.export_missing_references,
        "FlowBehavior": i32::from(mapping.flow_behavior == FlowBehavior::FlowAlways),
        "FlowType": match mapping.flow_type {
            FlowType::ObjectAddOnly => 1,
            FlowType::MultiValueAddOnly => 2,
            FlowType::ValueAddOnly => 3,
            FlowType::AttributeAddOnly => 4,
            FlowType::Always | FlowType::Unknown(_) => 0,
        },
        "MatchingPriority": mapping.matching_priority,
        "Source": mapping.source.as_ref().map(source),
        "TargetAttributeName": mapping.target_attribute_name,
    })
}

fn source(it: &AttributeMappingSource) -> Json {
    let parameters: Vec<Json> = it
        .parameters
        .iter()
        .map(|parameter| json!({ "Key": parameter.key, "Value": parameter.value.as_ref().map(source) }))
        .collect();
    json!({
        "Expression": it.expression,
        "Name": it.name,
        "Parameters": parameters,
        "Type": match it.kind {
            SourceType::Constant => 1,
            SourceType::Function => 2,
            SourceType::Attribute | SourceType::Unknown(_) => 0,
        },
    })
}
