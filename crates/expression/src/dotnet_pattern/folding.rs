//! What case that does not count (`(?i)`) costs before anything is compiled.

/// What it takes to make classes indifferent to case before anything is compiled, in the bytes that
/// take as long to compile: each letter of a class is looked up, and there may be a million.
pub(super) fn folding_bytes(pattern: &str) -> usize {
    const LETTERS_OF_THE_WORLD: usize = 64 * 1024;
    const ALL_OTHERS: usize = 512 * 1024;
    if !ignores_case(pattern) {
        return 0;
    }
    let mut bytes: usize = 0;
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        let class = match (letter, letters.peek()) {
            ('\\', Some('w' | 'd' | 's')) => LETTERS_OF_THE_WORLD,
            ('\\', Some('W' | 'D' | 'S' | 'p' | 'P' | 'u' | 'x' | 'U')) => ALL_OTHERS,
            ('-', Some(end)) if !end.is_ascii() => ALL_OTHERS,
            _ => 0,
        };
        if letter == '\\' {
            letters.next();
        }
        bytes = bytes.saturating_add(class);
    }
    bytes
}

/// Whether an option `(?i)`, `(?i:…)` or `(?im-s)` stands somewhere in it.
fn ignores_case(pattern: &str) -> bool {
    pattern.match_indices("(?").any(|(at, open)| {
        pattern[at + open.len()..]
            .chars()
            .take_while(|it| it.is_ascii_alphabetic())
            .any(|it| it == 'i')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_indifferent_classes_are_folded() {
        assert_eq!(folding_bytes(r"\w[\D]"), 0);
        assert_eq!(folding_bytes(r"(?i)abc[a-z]+ß"), 0);
        assert!(folding_bytes(r"(?i)[\w.]") < folding_bytes(r"(?ms:x)|(?i)\p{L}"));
        assert!(folding_bytes("(?i)[a-\u{10ffff}]") > 0);
    }
}
