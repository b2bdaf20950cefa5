//! Names of attributes in evidence.

use syncline_model::{Property, Text};

use super::texts;

/// An attribute's name as evidence tells it, and its number if it is a word of all evidence: a name is
/// told for each object, and looked for once for each rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeName {
    text: Text,
    word: Option<usize>,
}

impl AttributeName {
    /// The engine's name, where it has one of its own.
    pub(crate) fn of(property: &Property) -> Self {
        let text = Text::from(property.engine_name.as_ref().unwrap_or(&property.name));
        Self {
            word: texts::word(&text),
            text,
        }
    }

    pub fn text(&self) -> &Text {
        &self.text
    }
}

/// A name that is being told.
#[derive(Clone, Copy)]
pub(crate) struct Name<'n> {
    pub(crate) text: &'n Text,
    pub(super) word: Option<usize>,
}

impl<'n> From<&'n AttributeName> for Name<'n> {
    fn from(name: &'n AttributeName) -> Self {
        Self {
            text: &name.text,
            word: name.word,
        }
    }
}

/// Whether it is a word is not known.
impl<'n> From<&'n Text> for Name<'n> {
    fn from(text: &'n Text) -> Self {
        Self { text, word: None }
    }
}
