//! `name()`, `name('key')`, `name(key)`, `name(parameter='value',…)`.

/// What stands between the parentheses.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Parentheses {
    Empty,
    Key(String),
    Arguments(Vec<(String, String)>),
}

/// The name and the content of its parentheses; `None` when the segment has another form and is
/// taken as it stands.
pub(super) fn split(text: &str) -> Option<(&str, Parentheses)> {
    let open = text.find('(')?;
    let inside = text.get(open + 1..)?.strip_suffix(')')?;
    let name = &text[..open];
    let plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '.');
    if name.is_empty() || !name.chars().all(plain) {
        return None;
    }
    Some((name, content(inside.trim())?))
}

fn content(inside: &str) -> Option<Parentheses> {
    if inside.is_empty() {
        return Some(Parentheses::Empty);
    }
    if inside.starts_with('\'') {
        let (key, rest) = quoted(inside)?;
        return rest.is_empty().then_some(Parentheses::Key(key));
    }
    if !inside.contains('=') {
        return Some(Parentheses::Key(inside.to_owned()));
    }
    let mut named = Vec::new();
    let mut rest = inside;
    loop {
        let (name, after) = rest.split_once('=')?;
        let name = name.trim();
        if name.is_empty()
            || !name
                .chars()
                .all(|it| it.is_ascii_alphanumeric() || it == '_')
        {
            return None;
        }
        let (value, after) = value(after.trim_start())?;
        named.push((name.to_owned(), value));
        let after = after.trim_start();
        if after.is_empty() {
            break;
        }
        rest = after.strip_prefix(',')?;
    }
    // `users(id='…')` names the key by its own name.
    if let [(name, value)] = named.as_slice()
        && name.eq_ignore_ascii_case("id")
    {
        return Some(Parentheses::Key(value.clone()));
    }
    Some(Parentheses::Arguments(named))
}

fn value(text: &str) -> Option<(String, &str)> {
    if text.starts_with('\'') {
        return quoted(text);
    }
    let end = text.find(',').unwrap_or(text.len());
    let value = text[..end].trim();
    (!value.is_empty()).then(|| (value.to_owned(), &text[end..]))
}

/// Reads `'…'` with `''` for a quote; gives the value and the rest.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = text.strip_prefix('\'')?;
    loop {
        let (before, after) = rest.split_once('\'')?;
        value.push_str(before);
        match after.strip_prefix('\'') {
            Some(further) => {
                value.push('\'');
                rest = further;
            }
            None => return Some((value, after)),
        }
    }
}
