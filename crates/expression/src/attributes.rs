//! Which attributes an expression may name.

use syncline_model::schema::Mutability;
use syncline_model::{Attr, EntityType, Property, PropertyType};

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

    /// What to do about `name` where another part of the product knows it, and the mapping engine has no name for it.
    fn no_name(&self, name: &str) -> Option<&'static str> {
        let _ = name;
        None
    }
}

/// The text of [`AttributeTypes::no_name`] for what clauses may look at.
const ASKED_ONLY: &str = "it can be asked in scoping filters, and cannot be mapped: use a directory extension in a mapping";

/// The same for what they may not look at, either.
const NOT_MAPPED: &str = "it cannot be mapped: use a directory extension in a mapping";

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

    /// Such as `extensionAttribute1` and `ageGroup`.
    fn no_name(&self, name: &str) -> Option<&'static str> {
        let extensions = self.property(Attr::ON_PREMISES_EXTENSION_ATTRIBUTES);
        let is_member = |it: &Property| it.complex().is_some_and(|it| it.member(name).is_some());
        if extensions.is_some_and(is_member) {
            return Some(ASKED_ONLY);
        }
        let property = self.by_name(name).filter(|it| it.engine_name.is_none())?;
        let is_asked =
            property.mutability != Mutability::WriteOnly && property.kind != PropertyType::Complex;
        Some(if is_asked { ASKED_ONLY } else { NOT_MAPPED })
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

    fn no_name(&self, name: &str) -> Option<&'static str> {
        (**self).no_name(name)
    }
}
