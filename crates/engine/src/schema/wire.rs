//! What all wire types of the schema share: null as empty, key-value pairs, and words that are
//! read in any case.

use serde::{Deserialize, Deserializer, Serialize};

/// Keys we do not know, kept as they came.
pub type Extra = serde_json::Map<String, serde_json::Value>;

/// Reads null as the default: Graph sends null and `[]` alike for an empty collection.
pub(super) fn nullable<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// `stringKeyStringValuePair` and the metadata entries, which have the same shape.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pair {
    #[serde(deserialize_with = "nullable")]
    pub key: String,
    pub value: Option<String>,
    #[serde(flatten)]
    pub extra: Extra,
}

impl Pair {
    pub fn new(key: &str, value: impl Into<String>) -> Self {
        Self {
            key: key.to_owned(),
            value: Some(value.into()),
            extra: Extra::new(),
        }
    }
}

/// An enumeration of the wire: known words in any case, and one place for a word we do not know, so
/// that it becomes a diagnostic with a path instead of an unreadable body.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident $text:literal),* $(,)? } default $default:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$of])* $variant,)*
            /// A word this enumeration does not have.
            Unknown(String),
        }

        impl $name {
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Unknown(word) => word,
                }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::$default
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = <String as serde::Deserialize>::deserialize(deserializer)?;
                $(if word.eq_ignore_ascii_case($text) {
                    return Ok(Self::$variant);
                })*
                Ok(Self::Unknown(word))
            }
        }
    };
}

pub(super) use words;
