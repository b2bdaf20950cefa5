//! What a comparison looks at.

use crate::{Attr, Value};

/// A value inside an entry: an attribute, or a member of a complex one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// `None` inside `any`/`all`: the element itself.
    pub attr: Option<Attr>,
    /// Members to descend, e.g. `extensionAttribute1`.
    pub members: Vec<String>,
}

impl Path {
    pub fn attr(attr: Attr) -> Self {
        Self {
            attr: Some(attr),
            members: Vec::new(),
        }
    }

    pub fn element() -> Self {
        Self {
            attr: None,
            members: Vec::new(),
        }
    }
}

/// A path, possibly changed by a function before comparing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operand {
    pub path: Path,
    pub function: Option<TextFunction>,
}

impl Operand {
    pub fn attr(attr: Attr) -> Self {
        Self::of(Path::attr(attr))
    }

    pub fn of(path: Path) -> Self {
        Self {
            path,
            function: None,
        }
    }
}

/// What becomes of a text before it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextFunction {
    ToLower,
    ToUpper,
    /// The whole number a text says; a text that says none is no value.
    ToInteger,
}

impl TextFunction {
    /// Values other than texts stay as they are.
    pub(super) fn apply(self, value: Value) -> Option<Value> {
        match (self, value) {
            (Self::ToLower, Value::Text(text)) => Some(Value::text(text.to_lowercase())),
            (Self::ToUpper, Value::Text(text)) => Some(Value::text(text.to_uppercase())),
            (Self::ToInteger, Value::Text(text)) => text.trim().parse().ok().map(Value::Int),
            (_, other) => Some(other),
        }
    }
}
