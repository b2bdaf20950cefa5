//! Attribute values.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Text, Timestamp};

/// The value of one attribute. Absence is never a value: an attribute without a value is not in
/// [`crate::Attrs`] at all, and expressions speak of `Option<Value>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    Bool(bool),
    Int(i64),
    Text(Text),
    Time(Timestamp),
    Guid(Uuid),
    Bytes(Vec<u8>),
    /// A multi-valued attribute, in order.
    List(Vec<Value>),
    /// A complex value; members in the order written, names as written.
    Map(Vec<(String, Value)>),
    /// An explicit null inside a list or a complex value.
    Null,
}

impl Value {
    pub fn text(text: impl Into<Text>) -> Self {
        Self::Text(text.into())
    }

    /// Binary data, from its base64 text.
    pub fn from_base64(text: &str) -> Option<Self> {
        use base64::Engine as _;
        let bytes = base64::engine::general_purpose::STANDARD.decode(text);
        bytes.ok().map(Self::Bytes)
    }

    /// About how many bytes it takes as text.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
            Self::List(values) => values.iter().map(|it| 1 + it.bytes()).sum(),
            Self::Map(members) => members
                .iter()
                .map(|(name, it)| 1 + name.len() + it.bytes())
                .sum(),
            _ => 8,
        }
    }

    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text, to be kept: shared, not copied.
    pub fn to_text(&self) -> Option<Text> {
        match self {
            Self::Text(text) => Some(text.clone()),
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(it) => Some(*it),
            _ => None,
        }
    }

    /// The member of a complex value, by exact name.
    pub fn member(&self, name: &str) -> Option<&Value> {
        match self {
            Self::Map(members) => members
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text a provisioning log shows: `True`/`False` for Booleans, values of a list joined by
    /// a comma and a space, RFC 3339 times, base64 bytes, JSON-like complex values.
    pub fn display_text(&self) -> Text {
        self.shown_text().into_owned()
    }

    /// The same, without a copy of what is a text already.
    pub fn shown_text(&self) -> Cow<'_, Text> {
        use base64::Engine as _;
        Cow::Owned(match self {
            Self::Bool(true) => Text::fixed("True"),
            Self::Bool(false) => Text::fixed("False"),
            Self::Int(number) => number.to_string().into(),
            Self::Text(text) => return Cow::Borrowed(text),
            Self::Time(at) => at.to_string().into(),
            Self::Guid(id) => id.hyphenated().to_string().into(),
            Self::Bytes(bytes) => base64::engine::general_purpose::STANDARD
                .encode(bytes)
                .into(),
            Self::List(values) => match values.as_slice() {
                [one] => return one.shown_text(),
                _ => self.shown_within(),
            },
            Self::Map(_) => self.shown_within(),
            Self::Null => Text::default(),
        })
    }

    /// Into one text, so that what is nested deep is written once and not once for each level.
    fn shown_within(&self) -> Text {
        let mut text = String::new();
        self.show(&mut text);
        text.into()
    }

    fn show(&self, out: &mut String) {
        match self {
            Self::List(values) => {
                for (at, value) in values.iter().enumerate() {
                    if at > 0 {
                        out.push_str(", ");
                    }
                    value.show(out);
                }
            }
            Self::Map(members) => {
                out.push('{');
                for (at, (key, value)) in members.iter().enumerate() {
                    if at > 0 {
                        out.push_str(", ");
                    }
                    out.push_str(key);
                    out.push_str(": ");
                    value.show(out);
                }
                out.push('}');
            }
            other => out.push_str(&other.shown_text()),
        }
    }

    /// The values of a list, or the single value itself as a list of one.
    pub fn as_slice(&self) -> &[Value] {
        match self {
            Self::List(values) => values,
            one => std::slice::from_ref(one),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Value {
    fn from(it: bool) -> Self {
        Self::Bool(it)
    }
}
