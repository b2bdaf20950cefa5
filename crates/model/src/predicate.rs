//! One predicate for OData `$filter`, scoping filters and matching. It has several readers:
//! evaluation on an entry (here), SQL (`store`), words for the log (`engine`).

use crate::fold::fold;
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
    /// One of the values equals the operand.
    In {
        operand: Operand,
        values: Vec<Value>,
        case: Case,
    },
    /// Some element of a collection satisfies the inner predicate, which sees the element as
    /// [`Operand::element`].
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
    /// By [`fold`].
    Insensitive,
}

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
        Self {
            path: Path::attr(attr),
            function: None,
        }
    }
}

/// `tolower`, `toupper`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextFunction {
    ToLower,
    ToUpper,
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
}

/// Where a predicate finds values. An entry is one; a log row is another.
pub trait Attributes {
    fn value(&self, attr: Attr) -> Option<std::borrow::Cow<'_, Value>>;
}

impl Attributes for crate::Entry {
    fn value(&self, attr: Attr) -> Option<std::borrow::Cow<'_, Value>> {
        if attr == Attr::ID {
            return Some(std::borrow::Cow::Owned(Value::Guid(self.id.0)));
        }
        self.attrs.get(attr).map(std::borrow::Cow::Borrowed)
    }
}

impl Predicate {
    /// `attr eq value`, ignoring case.
    pub fn equals(attr: Attr, value: impl Into<Value>) -> Self {
        Self::Compare {
            operand: Operand::attr(attr),
            operator: Operator::Equal,
            value: value.into(),
            case: Case::Insensitive,
        }
    }

    /// Whether `subject` satisfies the predicate.
    pub fn evaluate(&self, subject: &dyn Attributes) -> bool {
        self.holds(subject, None)
    }

    fn holds(&self, subject: &dyn Attributes, element: Option<&Value>) -> bool {
        match self {
            Self::And(all) => all.iter().all(|it| it.holds(subject, element)),
            Self::Or(any) => any.iter().any(|it| it.holds(subject, element)),
            Self::Not(inner) => !inner.holds(subject, element),
            Self::Compare {
                operand,
                operator,
                value,
                case,
            } => {
                let found = resolve(&operand.path, subject, element);
                let found = apply(operand.function, found);
                compare(found.as_ref(), *operator, value, *case)
            }
            Self::In {
                operand,
                values,
                case,
            } => {
                let found = apply(operand.function, resolve(&operand.path, subject, element));
                values
                    .iter()
                    .any(|value| compare(found.as_ref(), Operator::Equal, value, *case))
            }
            Self::Any { path, inner } => elements(path, subject, element)
                .iter()
                .any(|it| inner.holds(subject, Some(it))),
            Self::All { path, inner } => elements(path, subject, element)
                .iter()
                .all(|it| inner.holds(subject, Some(it))),
            Self::Count {
                path,
                operator,
                value,
            } => {
                let count =
                    i64::try_from(elements(path, subject, element).len()).unwrap_or(i64::MAX);
                compare(
                    Some(&Value::Int(count)),
                    *operator,
                    &Value::Int(*value),
                    Case::Sensitive,
                )
            }
        }
    }
}

fn resolve(path: &Path, subject: &dyn Attributes, element: Option<&Value>) -> Option<Value> {
    let mut value = match path.attr {
        Some(attr) => subject.value(attr)?.into_owned(),
        None => element?.clone(),
    };
    for member in &path.members {
        let Value::Map(members) = value else {
            return None;
        };
        value = members
            .into_iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(member))?
            .1;
    }
    match value {
        Value::Null => None,
        other => Some(other),
    }
}

fn elements(path: &Path, subject: &dyn Attributes, element: Option<&Value>) -> Vec<Value> {
    match resolve(path, subject, element) {
        Some(Value::List(values)) => values,
        Some(one) => vec![one],
        None => Vec::new(),
    }
}

fn apply(function: Option<TextFunction>, value: Option<Value>) -> Option<Value> {
    match (function, value) {
        (None, value) => value,
        (Some(TextFunction::ToLower), Some(Value::Text(text))) => {
            Some(Value::Text(text.to_lowercase()))
        }
        (Some(TextFunction::ToUpper), Some(Value::Text(text))) => {
            Some(Value::Text(text.to_uppercase()))
        }
        (Some(_), other) => other,
    }
}

fn compare(found: Option<&Value>, operator: Operator, value: &Value, case: Case) -> bool {
    use std::cmp::Ordering;
    if *value == Value::Null {
        return match operator {
            Operator::Equal => found.is_none(),
            Operator::NotEqual => found.is_some(),
            _ => false,
        };
    }
    let Some(found) = found else {
        return operator == Operator::NotEqual;
    };
    match operator {
        Operator::Equal => order(found, value, case) == Some(Ordering::Equal),
        Operator::NotEqual => order(found, value, case) != Some(Ordering::Equal),
        Operator::Greater => order(found, value, case) == Some(Ordering::Greater),
        Operator::GreaterOrEqual => matches!(
            order(found, value, case),
            Some(Ordering::Greater | Ordering::Equal)
        ),
        Operator::Less => order(found, value, case) == Some(Ordering::Less),
        Operator::LessOrEqual => matches!(
            order(found, value, case),
            Some(Ordering::Less | Ordering::Equal)
        ),
        Operator::StartsWith | Operator::EndsWith | Operator::Contains => {
            let (found, value) = match case {
                Case::Sensitive => (found.display_text(), value.display_text()),
                Case::Insensitive => (fold(&found.display_text()), fold(&value.display_text())),
            };
            match operator {
                Operator::StartsWith => found.starts_with(&value),
                Operator::EndsWith => found.ends_with(&value),
                _ => found.contains(&value),
            }
        }
    }
}

/// The order of two values of one type; a GUID compares with its text. `None` when the types do
/// not compare.
pub fn order(left: &Value, right: &Value, case: Case) -> Option<std::cmp::Ordering> {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => Some(match case {
            Case::Sensitive => left.cmp(right),
            Case::Insensitive => fold(left).cmp(&fold(right)),
        }),
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        (Value::Time(left), Value::Time(right)) => Some(left.cmp(right)),
        (Value::Guid(left), Value::Guid(right)) => Some(left.cmp(right)),
        (Value::Guid(left), Value::Text(right)) => {
            Some(left.to_string().cmp(&right.to_ascii_lowercase()))
        }
        (Value::Text(left), Value::Guid(right)) => {
            Some(left.to_ascii_lowercase().cmp(&right.to_string()))
        }
        (Value::Bytes(left), Value::Bytes(right)) => Some(left.cmp(right)),
        _ => None,
    }
}
