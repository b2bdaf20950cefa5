//! Which attributes an expression may name.

use syncline_model::{Attr, EntityType, PropertyType};

/// What an expression needs to know of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttributeInfo {
    pub attr: Attr,
    pub kind: PropertyType,
    pub multi_valued: bool,
    /// May be without value.
    pub nullable: bool,
}

/// The attributes of the source object, by the names used between square brackets.
pub trait AttributeTypes {
    /// The attribute of exactly this name; names are case-sensitive.
    fn resolve(&self, name: &str) -> Option<AttributeInfo>;

    /// All names, for "did you mean".
    fn names(&self) -> Vec<String>;

    /// The name the mapping engine uses for what another part of the product calls `name`.
    fn other_name(&self, name: &str) -> Option<String> {
        let _ = name;
        None
    }
}

/// The engine itself gives these a value.
const ALWAYS_THERE: [Attr; 4] = [
    Attr::ID,
    Attr::OBJECT_ID,
    Attr::NET_ID,
    Attr::IS_SOFT_DELETED,
];

/// The engine's names of an entity type: `objectId`, `mobile`, `telephoneNumber`, `netId`, …, as the
/// engine sees them: one telephone number and one alternative security id, whatever Graph shows, and
/// app roles by their names.
impl AttributeTypes for EntityType {
    fn resolve(&self, name: &str) -> Option<AttributeInfo> {
        self.by_engine_name(name).map(|property| AttributeInfo {
            attr: property.attr,
            kind: match property.attr {
                Attr::APP_ROLE_ASSIGNMENTS => PropertyType::Text,
                _ => property.kind,
            },
            multi_valued: !property.is_one_in_engine(),
            nullable: !property.required && !ALWAYS_THERE.contains(&property.attr),
        })
    }

    fn names(&self) -> Vec<String> {
        self.properties()
            .iter()
            .filter_map(|property| property.engine_name.as_deref())
            .map(str::to_owned)
            .collect()
    }

    /// Graph says `mobilePhone` where the engine says `mobile`.
    fn other_name(&self, name: &str) -> Option<String> {
        self.by_name(name)
            .and_then(|property| property.engine_name.as_deref())
            .map(str::to_owned)
    }
}

impl<T: AttributeTypes + ?Sized> AttributeTypes for &T {
    fn resolve(&self, name: &str) -> Option<AttributeInfo> {
        (**self).resolve(name)
    }

    fn names(&self) -> Vec<String> {
        (**self).names()
    }

    fn other_name(&self, name: &str) -> Option<String> {
        (**self).other_name(name)
    }
}
