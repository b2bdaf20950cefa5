//! What repeats: `*`, `+`, `?`, `{2,5}`, and the `?` behind it that has it take as little as it can.

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
    while ahead
        .next_if(|it| spaced && it.is_ascii_whitespace())
        .is_some()
    {}
    if ahead.next_if_eq(&'?').is_some() {
        *letters = ahead;
        sign.push('?');
    }
    Some(sign)
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
