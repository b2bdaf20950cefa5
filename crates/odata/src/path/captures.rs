//! What a pattern's placeholders stood for.

/// How a path names one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// `/users/{id}` or `/users('{id}')`; for users the id may be a user principal name.
    Id(String),
    /// `/servicePrincipals(appId='{value}')`.
    Alternate { name: String, value: String },
}

impl Key {
    /// The id, unless an alternate key was used.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Id(id) => Some(id),
            Self::Alternate { .. } => None,
        }
    }

    /// The value of the alternate key of this name, in any case.
    pub fn alternate(&self, wanted: &str) -> Option<&str> {
        match self {
            Self::Alternate { name, value } if name.eq_ignore_ascii_case(wanted) => Some(value),
            _ => None,
        }
    }

    /// The value, whichever way it was given, for messages.
    pub fn value(&self) -> &str {
        match self {
            Self::Id(value) | Self::Alternate { value, .. } => value,
        }
    }
}

/// Captured keys by the names of the placeholders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captures(Vec<(String, Key)>);

impl Captures {
    /// The key captured by `{name}`.
    pub fn key(&self, name: &str) -> Option<&Key> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, key)| key)
    }

    /// The plain id captured by `{name}`; `None` when it is an alternate key.
    pub fn id(&self, name: &str) -> Option<&str> {
        self.key(name).and_then(Key::id)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Key)> {
        self.0.iter().map(|(name, key)| (name.as_str(), key))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn named(names: &[String], keys: Vec<Key>) -> Self {
        Self(names.iter().cloned().zip(keys).collect())
    }
}
