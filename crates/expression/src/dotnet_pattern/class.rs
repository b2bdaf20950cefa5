//! Classes `[…]`. In .NET a bracket inside is a bracket, unless `-[…]` takes letters away; `&&`, `~~` and `--` are what
//! they look like; a dash is one wherever it does not stand between two letters, behind `\w` and its like, too.

use super::translate::{Letters, by_number, escape};

/// How deep `-[…]` may be nested.
const DEEPEST: usize = 16;

/// Behind `[`: writes the class as the regex crates read it.
pub(super) fn class(
    letters: &mut Letters<'_>,
    out: &mut String,
    accepted: bool,
) -> Result<(), String> {
    nested(letters, out, accepted, 0)
}

fn nested(
    letters: &mut Letters<'_>,
    out: &mut String,
    accepted: bool,
    depth: usize,
) -> Result<(), String> {
    if depth > DEEPEST {
        return Err("its classes are nested too deep".to_owned());
    }
    let is_negated = letters.next_if_eq(&'^').is_some();
    let mut members = String::new();
    // Where in `members` that begins which is taken away.
    let mut taken = None;
    let mut first = true;
    // Behind the first letter of a range and its dash, which is written with the last one.
    let mut in_range = false;
    while let Some(letter) = letters.next() {
        let takes_away = match letter {
            ']' if !first => {
                write(out, &members, is_negated, taken);
                return Ok(());
            }
            '[' => in_range,
            '-' if !in_range && !first => letters.next_if_eq(&'[').is_some(),
            _ => false,
        };
        first = false;
        if takes_away {
            taken.get_or_insert(members.len());
            members.push_str("--");
            nested(letters, &mut members, accepted, depth + 1)?;
            in_range = false;
            continue;
        }
        let is_escaped = letter == '\\';
        // What stands for many letters begins no range and ends none; an escaped dash only ends one.
        let escaped = letters.peek().filter(|_| is_escaped).copied();
        let is_set = escaped.is_some_and(|it| "dDsSwWpP".contains(it));
        if in_range && is_set {
            return Err(
                "a range in a class `[…]` can not end with `\\w`, `\\d` and their like".to_owned(),
            );
        }
        if in_range {
            members.push('-');
        }
        match letter {
            '\\' => escape(letters, &mut members, true, accepted)?,
            '-' | '[' | ']' | '&' | '~' => members.extend(['\\', letter]),
            // With `x` the regex crates pass over them here, too; in .NET they are members of the class.
            '#' => by_number(letter, &mut members),
            blank if blank.is_whitespace() => by_number(blank, &mut members),
            other => members.push(other),
        }
        in_range = !in_range && !is_set && escaped != Some('-') && is_range(letters);
        if in_range {
            letters.next();
        }
    }
    Err("a class `[…]` is not closed".to_owned())
}

/// Whether a dash follows, and behind it something that a range may end with.
fn is_range(letters: &Letters<'_>) -> bool {
    let mut ahead = letters.clone();
    ahead.next() == Some('-') && ahead.next().is_some_and(|it| it != ']')
}

/// In .NET `^` belongs to what letters are taken away from, in the regex crates to all that is in the brackets.
fn write(out: &mut String, members: &str, is_negated: bool, taken: Option<usize>) {
    match (is_negated, taken.map(|at| members.split_at(at))) {
        (true, Some((base, taken))) => out.extend(["[[^", base, "]", taken, "]"]),
        (true, None) => out.extend(["[^", members, "]"]),
        (false, _) => out.extend(["[", members, "]"]),
    }
}
