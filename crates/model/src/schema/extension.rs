//! Directory extensions: properties that a tenant adds to its users, groups and applications.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{EntityKind, EntityType, Filter, Property, PropertyType, Schema};
use crate::{AppId, Attr, ObjectId};

/// The longest text of an extension, in characters.
pub const LONGEST_TEXT: usize = 256;
/// The longest binary value of an extension, in bytes.
pub const LONGEST_BINARY: usize = 256;
/// How many extension values one object may hold; each value of a collection counts.
pub const MOST_VALUES: usize = 100;
/// The longest name, in characters, without its prefix.
pub const LONGEST_NAME: usize = 120;

/// The type of an extension, as Graph names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExtensionType {
    Binary,
    Boolean,
    DateTime,
    /// 32 bits.
    Integer,
    /// 64 bits.
    LargeInteger,
    String,
}

impl ExtensionType {
    pub const ALL: [Self; 6] = [
        Self::Binary,
        Self::Boolean,
        Self::DateTime,
        Self::Integer,
        Self::LargeInteger,
        Self::String,
    ];

    /// Graph's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Binary => "Binary",
            Self::Boolean => "Boolean",
            Self::DateTime => "DateTime",
            Self::Integer => "Integer",
            Self::LargeInteger => "LargeInteger",
            Self::String => "String",
        }
    }

    /// The type of this name, in any case.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|it| it.name().eq_ignore_ascii_case(name))
    }

    fn property_type(self) -> PropertyType {
        match self {
            Self::Binary => PropertyType::Bytes,
            Self::Boolean => PropertyType::Bool,
            Self::DateTime => PropertyType::Time,
            Self::Integer | Self::LargeInteger => PropertyType::Int,
            Self::String => PropertyType::Text,
        }
    }
}

/// What an extension may be set on, as Graph names it. All names are accepted; kinds of objects that
/// this directory does not hold have no object to set it on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExtensionTarget {
    User,
    Group,
    AdministrativeUnit,
    Application,
    Device,
    Organization,
}

impl ExtensionTarget {
    pub const ALL: [Self; 6] = [
        Self::User,
        Self::Group,
        Self::AdministrativeUnit,
        Self::Application,
        Self::Device,
        Self::Organization,
    ];

    /// Graph's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
            Self::AdministrativeUnit => "AdministrativeUnit",
            Self::Application => "Application",
            Self::Device => "Device",
            Self::Organization => "Organization",
        }
    }

    /// The target of this name, in any case.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|it| it.name().eq_ignore_ascii_case(name))
    }

    fn kind(self) -> Option<EntityKind> {
        match self {
            Self::User => Some(EntityKind::User),
            Self::Group => Some(EntityKind::Group),
            Self::Application => Some(EntityKind::Application),
            Self::AdministrativeUnit | Self::Device | Self::Organization => None,
        }
    }
}

/// One registered extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtensionProperty {
    pub id: ObjectId,
    /// The application it is registered on, by object id.
    pub application: ObjectId,
    /// Its number in stored objects: of this tenant alone, and never given to another extension.
    pub attr: Attr,
    /// With its prefix: `extension_<appId without hyphens>_<name>`.
    pub name: String,
    pub data_type: ExtensionType,
    pub multi_valued: bool,
    pub targets: Vec<ExtensionTarget>,
    /// Its application is in the recycle bin: nobody sees it or its values until that is restored.
    #[serde(default)]
    pub suspended: bool,
}

impl ExtensionProperty {
    /// The name with its prefix. `None` when `name` is no good: it takes up to
    /// [`LONGEST_NAME`] letters, digits and underscores of ASCII.
    pub fn full_name(app_id: AppId, name: &str) -> Option<String> {
        let good = (1..=LONGEST_NAME).contains(&name.len())
            && name
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || it == b'_');
        good.then(|| format!("extension_{}_{name}", app_id.0.simple()))
    }

    /// Whether objects of this kind may hold it.
    pub fn is_for(&self, kind: EntityKind) -> bool {
        self.targets.iter().any(|it| it.kind() == Some(kind))
    }

    /// Its row of the entity table.
    pub fn property(&self) -> Property {
        let mut property = Property {
            name: Cow::Owned(self.name.clone()),
            engine_name: Some(Cow::Owned(self.name.clone())),
            ..Property::new(
                self.attr,
                self.data_type.property_type(),
                "A directory extension of this tenant.",
            )
        }
        .writable()
        .filter(match self.data_type {
            ExtensionType::Binary | ExtensionType::Boolean => Filter::Basic,
            _ => Filter::Full,
        });
        property.max_length = match self.data_type {
            ExtensionType::String => Some(LONGEST_TEXT),
            ExtensionType::Binary => Some(LONGEST_BINARY),
            _ => None,
        };
        if self.data_type == ExtensionType::Integer {
            property.range = Some((i64::from(i32::MIN), i64::from(i32::MAX)));
        }
        if self.multi_valued {
            property = property.many();
        }
        property
    }
}

/// All extensions of a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extensions {
    /// How many numbers were ever given out.
    given_out: u16,
    properties: Vec<ExtensionProperty>,
}

impl Extensions {
    /// In the order of registration.
    pub fn all(&self) -> &[ExtensionProperty] {
        &self.properties
    }

    /// Those of one application, suspended or not.
    pub fn of(&self, application: ObjectId) -> impl Iterator<Item = &ExtensionProperty> {
        self.properties
            .iter()
            .filter(move |it| it.application == application)
    }

    /// Those that can be seen.
    pub fn live(&self) -> impl Iterator<Item = &ExtensionProperty> {
        self.properties.iter().filter(|it| !it.suspended)
    }

    /// The one of this name, exact case.
    pub fn named_mut(&mut self, name: &str) -> Option<&mut ExtensionProperty> {
        self.properties.iter_mut().find(|it| it.name == name)
    }

    /// A number that no extension of the tenant ever had; `None` when all were used up.
    pub fn next_attr(&mut self) -> Option<Attr> {
        let number = Attr::FIRST_EXTENSION.checked_add(self.given_out)?;
        self.given_out += 1;
        Some(Attr(number))
    }

    pub fn add(&mut self, property: ExtensionProperty) {
        self.properties.push(property);
    }

    /// Removes those that `gone` names; says whether there were any.
    pub fn remove(&mut self, gone: impl Fn(&ExtensionProperty) -> bool) -> bool {
        let before = self.properties.len();
        self.properties.retain(|it| !gone(it));
        self.properties.len() != before
    }

    /// Hides or shows those of an application; says whether there are any.
    pub fn suspend(&mut self, application: ObjectId, suspended: bool) -> bool {
        let mut any = false;
        for property in &mut self.properties {
            if property.application == application {
                property.suspended = suspended;
                any = true;
            }
        }
        any
    }

    /// The core table with these extensions.
    pub fn schema(&self) -> Schema {
        let with = |table: &EntityType| {
            let added = self.live().filter(|it| it.is_for(table.kind));
            let properties = table
                .properties()
                .iter()
                .cloned()
                .chain(added.map(ExtensionProperty::property));
            EntityType::new(table.kind, properties.collect())
        };
        let mut extensions: Vec<Attr> = self.properties.iter().map(|it| it.attr).collect();
        extensions.sort_unstable();
        Schema {
            types: Schema::core().types.iter().map(with).collect(),
            extensions,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn extension(attr: Attr, name: &str) -> ExtensionProperty {
        ExtensionProperty {
            id: ObjectId(Uuid::from_u128(u128::from(attr.0))),
            application: ObjectId(Uuid::from_u128(7)),
            attr,
            name: name.to_owned(),
            data_type: ExtensionType::String,
            multi_valued: true,
            targets: vec![ExtensionTarget::User],
            suspended: false,
        }
    }

    #[test]
    fn a_number_is_never_given_out_twice() {
        let mut extensions = Extensions::default();
        let first = extensions.next_attr();
        assert_eq!(first, Some(Attr(Attr::FIRST_EXTENSION)));
        extensions.add(extension(Attr(Attr::FIRST_EXTENSION), "extension_a_b"));
        assert!(extensions.remove(|_| true));
        assert_ne!(extensions.next_attr(), first);
        while extensions.next_attr().is_some() {}
        assert_eq!(extensions.next_attr(), None);
    }

    #[test]
    fn an_extension_is_a_property_of_its_targets_until_it_is_suspended() {
        let attr = Attr(Attr::FIRST_EXTENSION);
        let mut extensions = Extensions::default();
        extensions.add(extension(attr, "extension_a_Colour"));
        let schema = extensions.schema();
        let users = schema.of(EntityKind::User);
        assert!(users.property(attr).is_some_and(|it| it.multi_valued));
        assert!(users.by_name("EXTENSION_a_colour").is_some());
        assert!(users.by_engine_name("extension_a_colour").is_none());
        assert!(schema.of(EntityKind::Group).property(attr).is_none());
        assert!(Schema::core().of(EntityKind::User).property(attr).is_none());
        extensions.suspend(ObjectId(Uuid::from_u128(7)), true);
        assert!(
            extensions
                .schema()
                .of(EntityKind::User)
                .property(attr)
                .is_none()
        );
    }

    #[test]
    fn a_name_is_of_letters_digits_and_underscores() {
        let app = AppId(Uuid::from_u128(0xAB));
        assert_eq!(
            ExtensionProperty::full_name(app, "Job_2").as_deref(),
            Some("extension_000000000000000000000000000000ab_Job_2")
        );
        for bad in ["", "a-b", "ä", "a b", &"x".repeat(LONGEST_NAME + 1)] {
            assert_eq!(ExtensionProperty::full_name(app, bad), None, "{bad}");
        }
    }
}
