//! A predicate asked of one entry.

use std::borrow::Cow;

use super::compare::compare;
use super::{Case, Operand, Operator, Path, Predicate, TooMuchWork};
use crate::{Attr, Meter, Value};

/// Where a predicate finds values. An entry is one; a log row is another.
pub trait Attributes {
    fn value(&self, attr: Attr) -> Option<Cow<'_, Value>>;
}

impl Attributes for crate::Entry {
    fn value(&self, attr: Attr) -> Option<Cow<'_, Value>> {
        if attr == Attr::ID {
            return Some(Cow::Owned(Value::Guid(self.id.0)));
        }
        self.attrs.get(attr).map(Cow::Borrowed)
    }
}

impl Predicate {
    /// Whether `subject` satisfies the predicate. A pattern that takes too much work counts as no
    /// match of the whole; whoever must know asks [`Predicate::try_evaluate`].
    pub fn evaluate(&self, subject: &dyn Attributes) -> bool {
        self.try_evaluate(subject).unwrap_or(false)
    }

    /// Whether `subject` satisfies the predicate, or why nobody can tell.
    pub fn try_evaluate(&self, subject: &dyn Attributes) -> Result<bool, TooMuchWork> {
        self.try_evaluate_within(subject, &Meter::default())
    }

    /// The same; all patterns together take no more work than `meter` has left, so that the
    /// predicates asked of one object can share a bound.
    pub fn try_evaluate_within(
        &self,
        subject: &dyn Attributes,
        meter: &Meter,
    ) -> Result<bool, TooMuchWork> {
        self.holds(subject, None, meter)
    }

    fn holds(
        &self,
        subject: &dyn Attributes,
        element: Option<&Value>,
        meter: &Meter,
    ) -> Result<bool, TooMuchWork> {
        match self {
            Self::And(all) => every(all, |it| it.holds(subject, element, meter)),
            Self::Or(any) => some(any, |it| it.holds(subject, element, meter)),
            Self::Not(inner) => Ok(!inner.holds(subject, element, meter)?),
            Self::Compare {
                operand,
                operator,
                value,
                case,
            } => {
                let found = operand.find(subject, element);
                meter.charge(cost(found.as_deref(), value))?;
                Ok(compare(found.as_deref(), *operator, value, *case))
            }
            Self::Matches { operand, pattern } => match operand.find(subject, element) {
                Some(found) => match &*found {
                    Value::Text(text) => pattern.0.is_match(text, meter),
                    other => pattern.0.is_match(&other.display_text(), meter),
                },
                None => Ok(false),
            },
            Self::In {
                operand,
                values,
                case,
            } => {
                let found = operand.find(subject, element);
                some(values, |value| {
                    meter.charge(cost(found.as_deref(), value))?;
                    Ok(compare(found.as_deref(), Operator::Equal, value, *case))
                })
            }
            Self::Any { path, inner } => {
                let found = path.resolve(subject, element);
                some(elements(found.as_deref()), |it| {
                    inner.holds(subject, Some(it), meter)
                })
            }
            Self::All { path, inner } => {
                let found = path.resolve(subject, element);
                every(elements(found.as_deref()), |it| {
                    inner.holds(subject, Some(it), meter)
                })
            }
            Self::Count {
                path,
                operator,
                value,
            } => {
                let count = elements(path.resolve(subject, element).as_deref()).len();
                let count = Value::Int(i64::try_from(count).unwrap_or(i64::MAX));
                Ok(compare(
                    Some(&count),
                    *operator,
                    &Value::Int(*value),
                    Case::Sensitive,
                ))
            }
        }
    }
}

fn every<T>(
    items: &[T],
    mut holds: impl FnMut(&T) -> Result<bool, TooMuchWork>,
) -> Result<bool, TooMuchWork> {
    for item in items {
        if !holds(item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn some<T>(
    items: &[T],
    mut holds: impl FnMut(&T) -> Result<bool, TooMuchWork>,
) -> Result<bool, TooMuchWork> {
    for item in items {
        if holds(item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Operand {
    fn find<'s>(
        &self,
        subject: &'s dyn Attributes,
        element: Option<&'s Value>,
    ) -> Option<Cow<'s, Value>> {
        let found = self.path.resolve(subject, element)?;
        match self.function {
            None => Some(found),
            Some(function) => function.apply(found.into_owned()).map(Cow::Owned),
        }
    }
}

impl Path {
    fn resolve<'s>(
        &self,
        subject: &'s dyn Attributes,
        element: Option<&'s Value>,
    ) -> Option<Cow<'s, Value>> {
        let mut value = match self.attr {
            Some(attr) => subject.value(attr)?,
            None => Cow::Borrowed(element?),
        };
        for member in &self.members {
            let is_it = |key: &str| key.eq_ignore_ascii_case(member);
            value = match value {
                Cow::Borrowed(Value::Map(members)) => {
                    let (_, inner) = members.iter().find(|(key, _)| is_it(key))?;
                    Cow::Borrowed(inner)
                }
                Cow::Owned(Value::Map(members)) => {
                    let (_, inner) = members.into_iter().find(|(key, _)| is_it(key))?;
                    Cow::Owned(inner)
                }
                _ => return None,
            };
        }
        match *value {
            Value::Null => None,
            _ => Some(value),
        }
    }
}

/// The values of a list, the single value, or none.
fn elements(found: Option<&Value>) -> &[Value] {
    found.map_or(&[], Value::as_slice)
}

/// Units of work of one comparison.
const COMPARISON: usize = 4;

/// Bytes that are compared at the price of one unit: they are many at a time.
const BYTES: usize = 16;

fn cost(found: Option<&Value>, value: &Value) -> usize {
    let length = |value: &Value| match value {
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::List(values) => BYTES * values.len(),
        _ => 0,
    };
    COMPARISON + (found.map_or(0, length) + length(value)) / BYTES
}
