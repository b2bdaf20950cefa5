//! Text with U+0000, which PostgreSQL can not hold and SQLite can. Callers send it (in a document's
//! key, in a unique value); what they get must not depend on the database.
//!
//! U+0000 is stored as U+0001 U+0001 and U+0001 as U+0001 U+0002. Both stay below U+0002, so the order
//! of texts is the same stored as it was.

use std::borrow::Cow;

use crate::{Result, StoreError};

/// As PostgreSQL stores it. Free for the text of every day.
pub(super) fn store(text: &str) -> Cow<'_, str> {
    if !text.contains(['\u{0}', '\u{1}']) {
        return Cow::Borrowed(text);
    }
    let mut stored = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\u{0}' => stored.push_str("\u{1}\u{1}"),
            '\u{1}' => stored.push_str("\u{1}\u{2}"),
            other => stored.push(other),
        }
    }
    Cow::Owned(stored)
}

/// As it was.
pub(super) fn load(stored: &str) -> Result<Cow<'_, str>> {
    if !stored.contains('\u{1}') {
        return Ok(Cow::Borrowed(stored));
    }
    let mut text = String::with_capacity(stored.len());
    let mut rest = stored.chars();
    while let Some(c) = rest.next() {
        text.push(match c {
            '\u{1}' => match rest.next() {
                Some('\u{1}') => '\u{0}',
                Some('\u{2}') => '\u{1}',
                _ => return Err(StoreError::Damaged("a text")),
            },
            other => other,
        });
    }
    Ok(Cow::Owned(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [&str; 9] = [
        "",
        "\u{0}",
        "\u{0}\u{0}",
        "\u{0}a",
        "\u{1}",
        "\u{1}\u{1}",
        "\u{1}\u{2}",
        "\u{2}",
        "a\u{0}b",
    ];

    #[test]
    fn any_text_comes_back_and_holds_no_nul_meanwhile() {
        for text in TEXTS {
            assert!(!store(text).contains('\u{0}'));
            assert_eq!(load(&store(text)).unwrap(), text);
        }
    }

    #[test]
    fn the_order_stays() {
        let mut sorted = TEXTS;
        sorted.sort_unstable();
        let stored: Vec<_> = sorted.iter().map(|text| store(text)).collect();
        assert!(stored.is_sorted(), "{stored:?}");
    }
}
