//! "Did you mean": the known word closest to a misspelt one.

/// The candidate that `word` is most likely a misspelling of. Another case of the same letters
/// wins; else about one edit per three letters is forgiven.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = word.to_lowercase();
    let allowed = ((word.chars().count() + 1) / 3).clamp(1, 4);
    candidates
        .into_iter()
        .map(|candidate| (distance(&folded, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Letters of the longest word that is compared.
const LONGEST: usize = 256;

/// Insertions, deletions, replacements and swaps of neighbours that turn one text into the other.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    // A long word is never close to a short one, and what is longer than a name was not misspelt.
    if left.len().abs_diff(right.len()) > 4 || left.len() > LONGEST {
        return usize::MAX;
    }
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (row, from) in left.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, to) in right.iter().enumerate() {
            let replaced = last[column] + usize::from(from != to);
            let mut best = replaced.min(last[column + 1] + 1).min(current[column] + 1);
            if row > 0 && column > 0 && *from == right[column - 1] && left[row - 1] == *to {
                best = best.min(before_last[column - 1] + 1);
            }
            current.push(best);
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_case_wins_over_a_closer_length() {
        assert_eq!(closest("switch", ["Switches", "Switch"]), Some("Switch"));
    }

    #[test]
    fn swapped_letters_are_one_edit() {
        assert_eq!(closest("Jion", ["Join", "Item"]), Some("Join"));
    }

    #[test]
    fn a_different_word_is_not_meant() {
        assert_eq!(closest("Frobnicate", ["Join", "Item"]), None);
    }
}
