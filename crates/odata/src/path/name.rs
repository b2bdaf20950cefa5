//! Qualified names: Graph's functions and casts may be written `microsoft.graph.x` or `graph.x`.

const NAMESPACES: [&str; 2] = ["microsoft.graph.", "graph."];

/// The name without its namespace, when the text is a qualified name. A user principal name may
/// begin with `graph.` too, but always has an `@`.
pub(super) fn unqualified(text: &str) -> Option<&str> {
    let name = NAMESPACES.iter().find_map(|space| {
        let head = text.get(..space.len())?;
        head.eq_ignore_ascii_case(space)
            .then(|| &text[space.len()..])
    })?;
    let plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '.');
    (!name.is_empty() && name.chars().all(plain)).then_some(name)
}

/// The form under which a literal of a pattern is kept: lower case, casts with the long namespace.
pub(super) fn canonical(text: &str) -> String {
    match unqualified(text) {
        Some(name) => format!("microsoft.graph.{}", name.to_ascii_lowercase()),
        None => text.to_ascii_lowercase(),
    }
}

/// Whether a segment may be an id: not `$ref`, not a cast or function.
pub(super) fn may_be_key(text: &str) -> bool {
    !text.starts_with('$') && unqualified(text).is_none()
}
