//! What both places of the threshold say alike of what is wrong with them.

/// Somebody who sends hundreds that are wrong does not want to read them all; earlier builds kept them without a look.
pub(super) const MOST_TOLD: usize = 5;
const LONGEST_SHOWN: usize = 60;

/// Whether a name is about deletes: whoever sends it relies on it.
pub(super) fn is_about_deleting(name: &str) -> bool {
    let folded = name.to_ascii_lowercase();
    folded.contains("threshold") || folded.contains("delet")
}

/// What somebody has sent, as far as it is shown.
pub(super) fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST_SHOWN {
        return text.to_owned();
    }
    let start: String = text.chars().take(LONGEST_SHOWN).collect();
    format!("{start}…")
}
