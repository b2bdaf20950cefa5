//! One predicate for OData `$filter`, scoping filters and matching. It has several readers:
//! evaluation on an entry (here), the store's restriction (`store`), filter text (`odata`).

mod compare;
mod evaluate;
mod path;
mod pattern;

pub use compare::order;
pub use evaluate::Attributes;
pub use path::{Operand, Path, TextFunction};
pub use pattern::{Pattern, TextPattern, TooMuchWork};

use crate::{Attr, Value};

/// A condition on an entry.
#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    /// Always true (`And` of nothing).
    And(Vec<Predicate>),
    /// Always false when empty.
    Or(Vec<Predicate>),
    Not(Box<Predicate>),
    /// A comparison. An absent value makes every operator false except `Equal`/`NotEqual` to
    /// [`Value::Null`] and `NotEqual` to a value, as OData has it.
    Compare {
        operand: Operand,
        operator: Operator,
        value: Value,
        case: Case,
    },
    /// The text matches a pattern somewhere. An absent value matches none.
    Matches {
        operand: Operand,
        pattern: Pattern,
    },
    /// One of the values equals the operand.
    In {
        operand: Operand,
        values: Vec<Value>,
        case: Case,
    },
    /// Some element of a collection satisfies the inner predicate, which sees the element as
    /// [`Path::element`].
    Any {
        path: Path,
        inner: Box<Predicate>,
    },
    /// Every element does.
    All {
        path: Path,
        inner: Box<Predicate>,
    },
    /// How many elements a collection has.
    Count {
        path: Path,
        operator: Operator,
        value: i64,
    },
}

/// How texts compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    Sensitive,
    /// By [`fold`](crate::fold::fold).
    Insensitive,
}

/// Comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    StartsWith,
    EndsWith,
    Contains,
    /// The other way round: the value contains what is found.
    ContainedIn,
}

impl Predicate {
    /// Every attribute that is asked about.
    pub fn attrs(&self) -> Vec<Attr> {
        let attr = |path: &Path| path.attr.into_iter().collect();
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::attrs).collect(),
            Self::Not(inner) => inner.attrs(),
            Self::Compare { operand, .. }
            | Self::Matches { operand, .. }
            | Self::In { operand, .. } => attr(&operand.path),
            Self::Any { path, inner } | Self::All { path, inner } => {
                let mut attrs: Vec<Attr> = attr(path);
                attrs.extend(inner.attrs());
                attrs
            }
            Self::Count { path, .. } => attr(path),
        }
    }

    /// `attr eq value`, ignoring case.
    pub fn equals(attr: Attr, value: impl Into<Value>) -> Self {
        Self::Compare {
            operand: Operand::attr(attr),
            operator: Operator::Equal,
            value: value.into(),
            case: Case::Insensitive,
        }
    }

    /// Some value of `attr` is this one, ignoring case.
    pub fn any_equals(attr: Attr, value: impl Into<Value>) -> Self {
        let inner = Self::Compare {
            operand: Operand::of(Path::element()),
            operator: Operator::Equal,
            value: value.into(),
            case: Case::Insensitive,
        };
        Self::Any {
            path: Path::attr(attr),
            inner: Box::new(inner),
        }
    }
}
