//! Directory objects as sets of attribute values.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Attr, EntityKind, ObjectId, Value};

/// Attribute values, sorted by [`Attr`]. A handful to a few dozen: a sorted vector beats a map.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attrs(Vec<(Attr, Value)>);

impl Attrs {
    pub fn new() -> Self {
        Self::default()
    }

    /// Without values yet, with room for so many.
    pub fn with_capacity(attributes: usize) -> Self {
        Self(Vec::with_capacity(attributes))
    }

    /// Makes room for so many more.
    pub fn reserve(&mut self, attributes: usize) {
        self.0.reserve(attributes);
    }

    pub fn get(&self, attr: Attr) -> Option<&Value> {
        self.0
            .binary_search_by_key(&attr, |(key, _)| *key)
            .ok()
            .map(|at| &self.0[at].1)
    }

    pub fn text(&self, attr: Attr) -> Option<&str> {
        self.get(attr).and_then(Value::as_text)
    }

    pub fn bool(&self, attr: Attr) -> Option<bool> {
        self.get(attr).and_then(Value::as_bool)
    }

    pub fn guid(&self, attr: Attr) -> Option<Uuid> {
        match self.get(attr) {
            Some(Value::Guid(id)) => Some(*id),
            _ => None,
        }
    }

    /// Sets a value and returns the one it replaces.
    pub fn set(&mut self, attr: Attr, value: impl Into<Value>) -> Option<Value> {
        let value = value.into();
        // Most are set in order.
        if self.0.last().is_none_or(|(last, _)| *last < attr) {
            self.0.push((attr, value));
            return None;
        }
        match self.0.binary_search_by_key(&attr, |(key, _)| *key) {
            Ok(at) => Some(std::mem::replace(&mut self.0[at].1, value)),
            Err(at) => {
                self.0.insert(at, (attr, value));
                None
            }
        }
    }

    /// Builder form of [`Attrs::set`].
    #[must_use]
    pub fn with(mut self, attr: Attr, value: impl Into<Value>) -> Self {
        self.set(attr, value);
        self
    }

    /// Sets the value, or removes the attribute when there is none.
    pub fn put(&mut self, attr: Attr, value: Option<Value>) {
        match value {
            Some(value) => {
                self.set(attr, value);
            }
            None => {
                self.remove(attr);
            }
        }
    }

    pub fn remove(&mut self, attr: Attr) -> Option<Value> {
        self.0
            .binary_search_by_key(&attr, |(key, _)| *key)
            .ok()
            .map(|at| self.0.remove(at).1)
    }

    pub fn contains(&self, attr: Attr) -> bool {
        self.get(attr).is_some()
    }

    pub fn iter(&self) -> impl Iterator<Item = (Attr, &Value)> {
        self.0.iter().map(|(attr, value)| (*attr, value))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(Attr, Value)> for Attrs {
    fn from_iter<T: IntoIterator<Item = (Attr, Value)>>(pairs: T) -> Self {
        let mut attrs = Self::new();
        for (attr, value) in pairs {
            attrs.set(attr, value);
        }
        attrs
    }
}

/// A directory object: what kind it is, its id, and its attribute values. `id` and `kind` are not
/// repeated in `attrs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: ObjectId,
    pub kind: EntityKind,
    pub attrs: Attrs,
}

impl Entry {
    pub fn new(kind: EntityKind, id: ObjectId) -> Self {
        Self {
            id,
            kind,
            attrs: Attrs::new(),
        }
    }

    pub fn get(&self, attr: Attr) -> Option<&Value> {
        self.attrs.get(attr)
    }

    pub fn text(&self, attr: Attr) -> Option<&str> {
        self.attrs.text(attr)
    }

    pub fn bool(&self, attr: Attr) -> Option<bool> {
        self.attrs.bool(attr)
    }

    pub fn guid(&self, attr: Attr) -> Option<Uuid> {
        self.attrs.guid(attr)
    }
}
