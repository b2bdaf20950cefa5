//! What repeats: `*`, `+`, `?`, `{2,5}`, and the `?` behind it that has it take as little as it can. Comments may stand between.

use super::Letters;

/// The repetition that begins with a letter, to its end; none where that letter repeats nothing.
pub(super) fn repetition(letter: char, letters: &mut Letters<'_>, spaced: bool) -> Option<String> {
    let mut sign = match letter {
        '*' | '+' | '?' => letter.to_string(),
        '{' => {
            let inside = counted(letters.clone())?;
            // And the brace.
            letters.nth(inside.len());
            format!("{{{inside}}}")
        }
        _ => return None,
    };
    let mut ahead = letters.clone();
    while pass_over(&mut ahead, spaced) {}
    if ahead.next_if_eq(&'?').is_some() {
        *letters = ahead;
        sign.push('?');
    }
    Some(sign)
}

/// Goes behind a blank or a comment; `false` where none stands.
fn pass_over(letters: &mut Letters<'_>, spaced: bool) -> bool {
    let mut ahead = letters.clone();
    let is_passed_over = match ahead.next() {
        Some('#') if spaced => {
            while ahead.next().is_some_and(|it| it != '\n') {}
            true
        }
        // One that is not closed is told of by whoever reads on.
        Some('(') => {
            ahead.next() == Some('?') && ahead.next() == Some('#') && ahead.any(|it| it == ')')
        }
        Some(other) => spaced && other.is_ascii_whitespace(),
        None => false,
    };
    if is_passed_over {
        *letters = ahead;
    }
    is_passed_over
}

/// What stands in `{2}`, `{2,}`, `{2,5}`, behind the brace.
fn counted(letters: Letters<'_>) -> Option<String> {
    let mut is_closed = false;
    let inside: String = letters
        .take_while(|it| {
            is_closed = *it == '}';
            !is_closed
        })
        .take(24)
        .collect();
    let (least, most) = inside.split_once(',').unwrap_or((&inside, ""));
    let digits = |text: &str| text.bytes().all(|it| it.is_ascii_digit());
    (is_closed && !least.is_empty() && digits(least) && digits(most)).then_some(inside)
}
