//! The two directories of the template, composed from the entity table, so that schema, validation
//! and engine can not disagree about what exists.

use serde_json::json;
use syncline_model::schema::Mutability as Access;
use syncline_model::{Attr, EntityKind, Property, PropertyType, Schema, Timestamp};

use super::{SOURCE_DIRECTORY, TARGET_DIRECTORY};
use crate::schema::{
    AttributeDefinition, AttributeType, DirectoryDefinition, Extra, Mutability, ObjectDefinition,
    Pair,
};

/// Entra's id of the source directory, as published schemas show it.
const SOURCE_ID: &str = "66e4a8cc-1b7b-435e-95f8-f06cea133828";

/// Ours: no published schema shows the target's.
const TARGET_ID: &str = "5b2f4f6c-3e0f-4f0e-9a53-0c7a1b9d6e21";

pub(super) fn both() -> Vec<DirectoryDefinition> {
    vec![
        directory(SOURCE_ID, SOURCE_DIRECTORY),
        directory(TARGET_ID, TARGET_DIRECTORY),
    ]
}

/// What a directory's objects may hold now, extensions of its tenant included: the answer to
/// `discover`. `version` and the time are the caller's.
pub fn discovered(
    known: &DirectoryDefinition,
    schema: &Schema,
    now: Timestamp,
    version: &str,
) -> DirectoryDefinition {
    DirectoryDefinition {
        discoverabilities: Some("AttributeNames, AttributeDataTypes".to_owned()),
        discovery_date_time: Some(now.to_string()),
        objects: vec![
            object(schema, EntityKind::User),
            object(schema, EntityKind::Group),
        ],
        version: Some(version.to_owned()),
        ..known.clone()
    }
}

fn directory(id: &str, name: &str) -> DirectoryDefinition {
    DirectoryDefinition {
        discoverabilities: Some("None".to_owned()),
        id: id.to_owned(),
        name: name.to_owned(),
        objects: vec![
            object(Schema::core(), EntityKind::User),
            object(Schema::core(), EntityKind::Group),
        ],
        ..DirectoryDefinition::default()
    }
}

fn object(schema: &Schema, kind: EntityKind) -> ObjectDefinition {
    let mut metadata = vec![
        Pair::new("IsSoftDeletionSupported", "true"),
        Pair::new("ConnectorDataStorageRequired", "true"),
        Pair::new("IsSynchronizeAllSupported", "true"),
    ];
    if kind == EntityKind::User {
        metadata.push(Pair::new("PropertyNameAccountEnabled", "accountEnabled"));
    }
    metadata.push(Pair::new("PropertyNameSoftDeleted", "IsSoftDeleted"));
    ObjectDefinition {
        attributes: schema
            .of(kind)
            .properties()
            .iter()
            .filter_map(attribute)
            .collect(),
        metadata,
        name: kind.engine_name().to_owned(),
        supported_apis: Vec::new(),
        extra: Extra::new(),
    }
}

/// `None` for properties the engine does not know, and for the home tenant, which is the target's
/// own bookkeeping.
fn attribute(property: &Property) -> Option<AttributeDefinition> {
    let name = property.engine_name.as_deref()?;
    if property.attr == Attr::HOME_TENANT_ID {
        return None;
    }
    Some(AttributeDefinition {
        anchor: property.attr == Attr::ID,
        case_exact: matches!(property.attr, Attr::ID | Attr::NET_ID | Attr::ALTERNATIVE_SECURITY_IDS),
        // The engine's telephone number is one text, Graph's a list of at most one.
        multivalued: property.multi_valued && property.attr != Attr::BUSINESS_PHONES,
        mutability: match property.mutability {
            Access::ReadOnly => Mutability::ReadOnly,
            Access::ReadWrite => Mutability::ReadWrite,
            Access::CreateOnly => Mutability::Immutable,
            Access::WriteOnly => Mutability::WriteOnly,
        },
        name: name.to_owned(),
        referenced_objects: referenced(property.attr)
            .iter()
            .map(|object| json!({ "referencedObjectName": object, "referencedProperty": "objectId" }))
            .collect(),
        required: property.required || property.attr == Attr::IS_SOFT_DELETED,
        kind: match property.kind {
            PropertyType::Bool => AttributeType::Boolean,
            PropertyType::Int => AttributeType::Integer,
            PropertyType::Time => AttributeType::DateTime,
            PropertyType::Bytes => AttributeType::Binary,
            PropertyType::Reference => AttributeType::Reference,
            PropertyType::Text | PropertyType::Guid | PropertyType::Complex => AttributeType::String,
        },
        ..AttributeDefinition::default()
    })
}

fn referenced(attr: Attr) -> &'static [&'static str] {
    match attr {
        Attr::MANAGER | Attr::OWNERS => &["User"],
        Attr::MEMBERS => &["Group", "User"],
        _ => &[],
    }
}
