//! Texts of people as error messages quote them.

use std::borrow::Cow;

/// More of a text says nothing more.
const LETTERS: usize = 60;

/// The text, or its beginning and how long it is.
pub fn shown(text: &str) -> Cow<'_, str> {
    shown_up_to(text, LETTERS)
}

/// The same, with so many letters of the beginning.
pub fn shown_up_to(text: &str, letters: usize) -> Cow<'_, str> {
    match text.char_indices().nth(letters) {
        None => Cow::Borrowed(text),
        Some((end, _)) => {
            let letters = text.chars().count();
            Cow::Owned(format!("{}… ({letters} letters)", &text[..end]))
        }
    }
}
