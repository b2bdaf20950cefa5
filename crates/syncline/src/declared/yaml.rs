//! Reads YAML, and says what is wrong in the words of those who write such files, not of those who read them by program.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_saphyr::{Error, MessageFormatter, UserMessageFormatter};

/// # Errors
/// What is wrong, with the place.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_saphyr::from_str(text).map_err(|error| {
        let told = error.render_with_formatter(&Words);
        told.strip_prefix("error: ").unwrap_or(&told).to_owned()
    })
}

struct Words;

impl MessageFormatter for Words {
    fn format_message<'a>(&self, error: &'a Error) -> Cow<'a, str> {
        match error {
            Error::DuplicateMappingKey { key: Some(key), .. } => {
                format!("duplicate key: `{key}` is there twice").into()
            }
            Error::DuplicateMappingKey { key: None, .. } => "duplicate key".into(),
            Error::MultipleDocuments { .. } => {
                "a second document begins here (`---`); the file is one document".into()
            }
            Error::Unexpected { expected, .. } => format!("expected {}", words(expected)).into(),
            Error::SerdeInvalidType {
                unexpected,
                expected,
                ..
            } => format!("found {}, expected {}", words(unexpected), words(expected)).into(),
            Error::SerdeInvalidValue {
                unexpected,
                expected,
                ..
            } => format!("found {unexpected}, expected {}", words(expected)).into(),
            Error::SerdeUnknownField {
                field, expected, ..
            } => format!(
                "unknown key `{field}`, expected one of {}",
                expected.join(", ")
            )
            .into(),
            Error::SerdeUnknownVariant {
                variant, expected, ..
            } => format!(
                "unknown value `{variant}`, expected one of {}",
                expected.join(", ")
            )
            .into(),
            Error::SerdeMissingField { field, .. } => {
                format!("the key `{field}` is missing").into()
            }
            Error::InvalidScalar { ty: "boolean", .. } | Error::InvalidBooleanStrict { .. } => {
                "expected true or false".into()
            }
            Error::NullIntoString { .. } => "a value is missing here".into(),
            _ => UserMessageFormatter.format_message(error),
        }
    }
}

/// What the parser calls by the names of its own parts.
fn words(part: &str) -> &str {
    match part {
        "sequence start" | "sequence" | "a sequence" => "a list",
        "mapping start" | "map" | "a map" => "keys with values",
        "scalar" | "string scalar" | "a string" => "a text",
        "unit value" => "nothing",
        _ if part.starts_with("struct ") => "keys with values",
        _ => part,
    }
}
