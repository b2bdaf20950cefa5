//! What kind of value an expression yields and a parameter takes.

use std::fmt;

use syncline_model::PropertyType;

use crate::attributes::AttributeInfo;

/// The kind of a single value. Texts are the common currency: almost everything reads as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Known only when the expression runs, or of no importance.
    Any,
    Text,
    Integer,
    Boolean,
    Time,
    Binary,
    Complex,
    /// Another directory object.
    Reference,
}

/// A kind, and whether there may be several values of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Type {
    pub kind: Kind,
    pub many: bool,
}

impl Type {
    pub const ANY: Self = Self::one(Kind::Any);
    pub const TEXT: Self = Self::one(Kind::Text);
    pub const INTEGER: Self = Self::one(Kind::Integer);
    pub const BOOLEAN: Self = Self::one(Kind::Boolean);
    pub const TIME: Self = Self::one(Kind::Time);
    pub const ANY_LIST: Self = Self {
        kind: Kind::Any,
        many: true,
    };
    pub const COMPLEX_LIST: Self = Self {
        kind: Kind::Complex,
        many: true,
    };
    pub const TEXT_LIST: Self = Self {
        kind: Kind::Text,
        many: true,
    };

    const fn one(kind: Kind) -> Self {
        Self { kind, many: false }
    }

    /// The type of an attribute's value.
    pub fn of(info: AttributeInfo) -> Self {
        let kind = match info.kind {
            PropertyType::Bool => Kind::Boolean,
            PropertyType::Int => Kind::Integer,
            PropertyType::Text | PropertyType::Guid => Kind::Text,
            PropertyType::Time => Kind::Time,
            PropertyType::Bytes => Kind::Binary,
            PropertyType::Complex => Kind::Complex,
            PropertyType::Reference => Kind::Reference,
        };
        Self {
            kind,
            many: info.multi_valued,
        }
    }

    /// Graph's `attributeType`: String, Integer, Reference, Binary, Boolean, DateTime.
    pub fn graph_name(self) -> &'static str {
        match self.kind {
            Kind::Any | Kind::Text | Kind::Complex => "String",
            Kind::Integer => "Integer",
            Kind::Boolean => "Boolean",
            Kind::Time => "DateTime",
            Kind::Binary => "Binary",
            Kind::Reference => "Reference",
        }
    }

    /// What both are; [`Type::ANY`] when they differ.
    pub fn union(self, other: Self) -> Self {
        if self == other { self } else { Self::ANY }
    }

    /// Whether an argument of this type may be given for a parameter of type `wanted`. Texts that
    /// are no number where a number is wanted are found when the expression runs.
    pub fn fits(self, wanted: Self) -> bool {
        let kind = match wanted.kind {
            Kind::Any => true,
            Kind::Text => !matches!(self.kind, Kind::Complex | Kind::Reference),
            Kind::Integer => matches!(self.kind, Kind::Integer | Kind::Text | Kind::Any),
            Kind::Boolean => matches!(
                self.kind,
                Kind::Boolean | Kind::Text | Kind::Integer | Kind::Any
            ),
            Kind::Time => matches!(self.kind, Kind::Time | Kind::Text | Kind::Any),
            other => self.kind == other || self.kind == Kind::Any,
        };
        kind && (!self.many || wanted.many || wanted.kind == Kind::Any)
    }
}

impl fmt::Display for Type {
    /// In words, for messages: `a text`, `several texts`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match (self.kind, self.many) {
            (Kind::Any, false) => "any value",
            (Kind::Any, true) => "several values",
            (Kind::Text, false) => "a text",
            (Kind::Text, true) => "several texts",
            (Kind::Integer, false) => "a whole number",
            (Kind::Integer, true) => "several numbers",
            (Kind::Boolean, false) => "True or False",
            (Kind::Boolean, true) => "several Booleans",
            (Kind::Time, false) => "a date",
            (Kind::Time, true) => "several dates",
            (Kind::Binary, false) => "a binary value",
            (Kind::Binary, true) => "several binary values",
            (Kind::Complex, false) => "a complex value",
            (Kind::Complex, true) => "several complex values",
            (Kind::Reference, false) => "a reference",
            (Kind::Reference, true) => "several references",
        };
        f.write_str(words)
    }
}
