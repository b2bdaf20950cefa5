//! Rewrites what .NET reads differently from the regex crates: signs inside `[…]`, braces that are
//! no repetition, quoted group names, comments and a few escapes.

use std::iter::Peekable;
use std::str::Chars;

type Letters<'a> = Peekable<Chars<'a>>;

/// The pattern as the regex crates read it; the error says what is not supported.
pub(super) fn translate(pattern: &str) -> Result<String, String> {
    let mut letters = pattern.chars().peekable();
    let mut out = String::with_capacity(pattern.len() + 8);
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => escape(&mut letters, &mut out, false)?,
            '[' => class(&mut letters, &mut out, 0)?,
            '(' => group(&mut letters, &mut out)?,
            '{' => {
                // Without a number in it a brace is a brace.
                if !is_repetition(letters.clone()) {
                    out.push('\\');
                }
                out.push('{');
            }
            other => out.push(other),
        }
    }
    Ok(out)
}

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

/// Behind a backslash.
fn escape(letters: &mut Letters<'_>, out: &mut String, in_class: bool) -> Result<(), String> {
    let Some(letter) = letters.next() else {
        return Err("it ends with a backslash".to_owned());
    };
    match letter {
        'Z' if !in_class => out.push_str("(?=\\n?\\z)"),
        'e' => out.push_str("\\x1B"),
        'b' if in_class => out.push_str("\\x08"),
        'u' => {
            let digits: String = letters.by_ref().take(4).collect();
            if digits.len() != 4 || !digits.bytes().all(|it| it.is_ascii_hexdigit()) {
                return Err("`\\u` needs four hexadecimal digits".to_owned());
            }
            out.push_str(&format!("\\x{{{digits}}}"));
        }
        'c' => {
            let control = letters.next().map(|it| it.to_ascii_uppercase());
            match control.filter(|it| ('@'..='_').contains(it)) {
                Some(control) => {
                    let code = u32::from(control) - u32::from('@');
                    out.push_str(&format!("\\x{code:02X}"));
                }
                None => return Err("`\\c` needs a letter".to_owned()),
            }
        }
        'k' if !in_class && letters.peek() == Some(&'\'') => {
            letters.next();
            out.push_str("\\k<");
            out.extend(letters.by_ref().take_while(|it| *it != '\''));
            out.push('>');
        }
        // The braces of a class are none of a repetition.
        'p' | 'P' if letters.peek() == Some(&'{') => {
            out.push('\\');
            out.push(letter);
            out.extend(letters.by_ref().take_while(|it| *it != '}'));
            out.push('}');
        }
        // The regex crates read these as the edges of a word.
        '<' | '>' => out.push(letter),
        other => {
            out.push('\\');
            out.push(other);
        }
    }
    Ok(())
}

/// Behind `[`: a bracket inside is a bracket, unless `-[…]` takes letters away; `&&`, `~~` and `--`
/// are what they look like.
fn class(letters: &mut Letters<'_>, out: &mut String, depth: usize) -> Result<(), String> {
    if depth > 16 {
        return Err("its classes are nested too deep".to_owned());
    }
    out.push('[');
    if letters.next_if_eq(&'^').is_some() {
        out.push('^');
    }
    let mut first = true;
    let mut after_dash = false;
    while let Some(letter) = letters.next() {
        let dash = letter == '-' && !first && !after_dash;
        match letter {
            ']' if first => out.push_str("\\]"),
            ']' => {
                out.push(']');
                return Ok(());
            }
            '\\' => escape(letters, out, true)?,
            '-' if dash && letters.peek() == Some(&'[') => {
                letters.next();
                out.push_str("--");
                class(letters, out, depth + 1)?;
            }
            '-' if dash => out.push('-'),
            '-' | '[' | '&' | '~' => {
                out.push('\\');
                out.push(letter);
            }
            other => out.push(other),
        }
        first = false;
        after_dash = dash;
    }
    Err("a class `[…]` is not closed".to_owned())
}

/// Behind `(`.
fn group(letters: &mut Letters<'_>, out: &mut String) -> Result<(), String> {
    let mut ahead = letters.clone();
    if ahead.next() != Some('?') {
        out.push('(');
        return Ok(());
    }
    match ahead.next() {
        Some('#') => {
            if !letters.any(|it| it == ')') {
                return Err("a comment `(?#…)` is not closed".to_owned());
            }
            return Ok(());
        }
        Some(open @ ('<' | '\'')) if !matches!(ahead.peek(), Some('=' | '!')) => {
            let close = if open == '<' { '>' } else { '\'' };
            letters.nth(1);
            let name: String = letters.by_ref().take_while(|it| *it != close).collect();
            if name.contains('-') {
                return Err("balancing groups `(?<a-b>…)` are not supported".to_owned());
            }
            out.push_str(&format!("(?<{name}>"));
        }
        _ => out.push('('),
    }
    Ok(())
}

/// `{2}`, `{2,}`, `{2,5}`, behind the brace.
fn is_repetition(letters: Letters<'_>) -> bool {
    let inside: String = letters.take_while(|it| *it != '}').take(24).collect();
    let (least, most) = inside.split_once(',').unwrap_or((&inside, ""));
    let digits = |text: &str| text.bytes().all(|it| it.is_ascii_digit());
    !least.is_empty() && digits(least) && digits(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, expected: &str) {
        assert_eq!(translate(pattern).as_deref(), Ok(expected), "{pattern}");
    }

    #[test]
    fn what_both_read_alike_stays() {
        for pattern in [
            r"\+(?<isdCode>\d* )(?<phoneNumber>\d{10})",
            r"(?<Suffix>@(.)*)",
            r"[a-zA-Z_]*",
            r"(?<=a)b(?!c)(?<!d)(?:e)(?i)f{2,}g{1,3}?",
        ] {
            check(pattern, pattern);
        }
    }

    #[test]
    fn signs_inside_a_class() {
        check("[[]", r"[\[]");
        check("[]a]", r"[\]a]");
        check("[a-z-[aeiou]]", "[a-z--[aeiou]]");
        check("[a&&b~~-]", r"[a\&\&b\~\~-]");
        check("[+--]", r"[+-\-]");
        check(r"[\b]", r"[\x08]");
    }

    #[test]
    fn other_spellings() {
        check("(?'name'a)", "(?<name>a)");
        check(r"(?<q>a)\k'q'", r"(?<q>a)\k<q>");
        check("a(?#why)b", "ab");
        check("a{b}", r"a\{b}");
        check(r"\p{Lu}[\P{L}]\p{L}{2}", r"\p{Lu}[\P{L}]\p{L}{2}");
        check(r"\<a\>\u00e9\cA\e", r"<a>\x{00e9}\x01\x1B");
        check(r"a\Z", r"a(?=\n?\z)");
    }

    #[test]
    fn only_indifferent_classes_are_folded() {
        assert_eq!(folding_bytes(r"\w[\D]"), 0);
        assert_eq!(folding_bytes(r"(?i)abc[a-z]+ß"), 0);
        assert!(folding_bytes(r"(?i)[\w.]") < folding_bytes(r"(?ms:x)|(?i)\p{L}"));
        assert!(folding_bytes("(?i)[a-\u{10ffff}]") > 0);
    }

    #[test]
    fn what_can_not_be_read() {
        for pattern in ["a\\", "[a", "(?<a-b>x)", r"\u12", r"\c", "(?#"] {
            assert!(translate(pattern).is_err(), "{pattern}");
        }
    }
}
