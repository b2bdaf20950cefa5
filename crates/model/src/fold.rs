//! Text folding. Computed here, in Rust, for both databases: SQLite folds ASCII only and
//! PostgreSQL folds by collation, and the two stores must agree.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// The key under which a case-insensitive text is unique and found: NFC, lower case.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfc().flat_map(char::to_lowercase).nfc().collect()
}

/// The same text in NFC: letters and their accents as one, in the case they have.
pub fn composed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return text.into();
    }
    text.nfc().collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn composed_and_decomposed_letters_fold_alike() {
        assert_eq!(fold("Zo\u{eb}@X"), fold("ZOE\u{308}@x"));
    }
}
