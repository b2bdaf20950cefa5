//! Rewrites what .NET reads differently from the regex crates: classes `[…]`, braces that are no
//! repetition, quoted group names, comments and a few escapes.

use std::iter::Peekable;
use std::str::Chars;

use super::class::class;

pub(super) type Letters<'a> = Peekable<Chars<'a>>;

/// The pattern as the regex crates read it; the error says what is not supported.
pub(super) fn translate(pattern: &str) -> Result<String, String> {
    let mut letters = pattern.chars().peekable();
    let mut out = String::with_capacity(pattern.len() + 8);
    // Whether blanks and comments are passed over (`x`), in each of the groups that are open.
    let mut spaced = vec![false];
    while let Some(letter) = letters.next() {
        let is_spaced = spaced.last() == Some(&true);
        match letter {
            '\\' => escape(&mut letters, &mut out, false)?,
            '[' => class(&mut letters, &mut out)?,
            '(' => group(&mut letters, &mut out, &mut spaced)?,
            ')' => {
                if spaced.len() > 1 {
                    spaced.pop();
                }
                out.push(')');
            }
            // Its signs are none of the pattern.
            '#' if is_spaced => while letters.next().is_some_and(|it| it != '\n') {},
            // Only the blanks of ASCII are passed over in .NET.
            other if is_spaced && other.is_whitespace() && !other.is_ascii() => {
                by_number(other, &mut out);
            }
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
pub(super) fn escape(
    letters: &mut Letters<'_>,
    out: &mut String,
    in_class: bool,
) -> Result<(), String> {
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

/// A letter that stands for itself wherever it is.
pub(super) fn by_number(letter: char, out: &mut String) {
    out.push_str(&format!("\\x{{{:X}}}", u32::from(letter)));
}

/// Behind `(`. What opens a group is noted in `spaced`.
fn group(
    letters: &mut Letters<'_>,
    out: &mut String,
    spaced: &mut Vec<bool>,
) -> Result<(), String> {
    let mut ahead = letters.clone();
    let outside = spaced.last() == Some(&true);
    if ahead.next() != Some('?') {
        spaced.push(outside);
        out.push('(');
        return Ok(());
    }
    let options: String = ahead.clone().take_while(|it| is_option(*it)).collect();
    let is_spaced = options
        .rfind('x')
        .map_or(outside, |at| !options[..at].contains('-'));
    if !options.is_empty() && ahead.clone().nth(options.len()) == Some(')') {
        // `(?x)` is for the rest of the group that it stands in.
        if let Some(around) = spaced.last_mut() {
            *around = is_spaced;
        }
        letters.nth(options.len() + 1);
        out.push_str(&format!("(?{options})"));
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
    spaced.push(is_spaced);
    Ok(())
}

/// A letter of `(?i)`, `(?x-s:…)`.
fn is_option(letter: char) -> bool {
    letter == '-' || letter.is_ascii_alphabetic()
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
        check("[a&&b~~-]", r"[a\&\&b\~\~\-]");
        check("[+--]", r"[+-\-]");
        check("[--/-]", r"[\--/\-]");
        check(r"[+-\--a]", r"[+-\-\-a]");
        check(r"[\b]", r"[\x08]");
    }

    #[test]
    fn what_is_taken_away_is_taken_from_what_is_left_out_too() {
        check("[^a-z-[b]]", "[[^a-z]--[b]]");
        check("[^a-[^b-[c]]]", "[[^a]--[[^b]--[c]]]");
        check(r"[^\w\s-[_]]", r"[[^\w\s]--[_]]");
        check(r"[\w-[_]]", r"[\w--[_]]");
    }

    #[test]
    fn a_dash_behind_many_letters_is_a_dash() {
        check(r"[\w-.]", r"[\w\-.]");
        check(r"[\d-a\s-/\p{L}-]", r"[\d\-a\s\-/\p{L}\-]");
        check(r"[\w--/]", r"[\w\--/]");
        check(r"[\--a]", r"[\-\-a]");
        check("[a-c-e]", r"[a-c\-e]");
    }

    #[test]
    fn blanks_of_a_class_are_members_of_it() {
        check("[a b#\t]", r"[a\x{20}b\x{23}\x{9}]");
        check("[ -~-[ ]]", r"[\x{20}-\~--[\x{20}]]");
    }

    #[test]
    fn comments_are_no_pattern() {
        check("(?x) a # it's [a ( {\n b", "(?x) a  b");
        check("(?x)a#[", "(?x)a");
        check("(?ix-s:a#[\n)b#[c]", "(?ix-s:a)b#[c]");
        check("(?x)a(?-x)#[b]", r"(?x)a(?-x)#[b]");
        check("((?x)a#(\n)#(b)", "((?x)a)#(b)");
        check("(?x)(?<n>a#(\n)(?=b#)\n)#", "(?x)(?<n>a)(?=b)");
        check(r"(?x)\#[#]", r"(?x)\#[\x{23}]");
        // No blank in .NET.
        check("(?x)a\u{a0}b", r"(?x)a\x{A0}b");
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
        for pattern in ["a\\", "[a", "(?<a-b>x)", r"\u12", r"\c", "(?#", r"[a-\w]"] {
            assert!(translate(pattern).is_err(), "{pattern}");
        }
    }
}
