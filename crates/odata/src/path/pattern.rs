//! The pattern of a route, e.g. `/servicePrincipals/{id}/synchronization/jobs/{jobId}/start`.

use std::fmt;

use super::captures::{Captures, Key};
use super::{Segment, name};

/// A parsed pattern.
///
/// | in the pattern | matches |
/// |---|---|
/// | `users` | the name in any case |
/// | `delta` | `delta`, `delta()`, `microsoft.graph.delta`, `microsoft.graph.delta()` |
/// | `microsoft.graph.user` | the cast, also written `graph.user` |
/// | `{id}` | `/id`, `('id')`, `(appId='…')`; never `$count` and the like, never a cast |
/// | `{cast}` | any cast; captures its name without namespace |
/// | `find(tenantId={tenantId})` | the function with exactly these parameters, in any order |
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    elements: Vec<Element>,
    names: Vec<String>,
}

/// What one segment must be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Element {
    /// In [`name::canonical`] form.
    Literal(String),
    Key,
    Cast,
    /// Lower-case parameter names, in the order of the pattern.
    Arguments(Vec<String>),
}

/// A pattern that can not be read; patterns are written by programmers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError(pub String);

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "route pattern cannot be read: {}", self.0)
    }
}

impl std::error::Error for PatternError {}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// When braces or parentheses do not close, or a placeholder has no name or a name twice.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let bad = |why: &str| PatternError(format!("{why} in `{text}`"));
        let mut elements = Vec::new();
        let mut names: Vec<String> = Vec::new();
        for part in text.split('/').filter(|part| !part.is_empty()) {
            if let Some(name) = placeholder(part) {
                elements.push(if name == "cast" {
                    Element::Cast
                } else {
                    Element::Key
                });
                names.push(name.to_owned());
                continue;
            }
            let Some((function, parameters)) = part.split_once('(') else {
                elements.push(Element::Literal(name::canonical(part)));
                continue;
            };
            elements.push(Element::Literal(name::canonical(function)));
            let parameters = parameters
                .strip_suffix(')')
                .ok_or_else(|| bad("unclosed parenthesis"))?;
            let mut arguments = Vec::new();
            for parameter in parameters.split(',').filter(|it| !it.is_empty()) {
                let (name, capture) = parameter
                    .split_once('=')
                    .ok_or_else(|| bad("parameter without `=`"))?;
                let capture =
                    placeholder(capture).ok_or_else(|| bad("parameter without placeholder"))?;
                arguments.push(name.trim().to_ascii_lowercase());
                names.push(capture.to_owned());
            }
            if !arguments.is_empty() {
                elements.push(Element::Arguments(arguments));
            }
        }
        let braces =
            |it: &Element| matches!(it, Element::Literal(text) if text.contains(['{', '}', ')']));
        if names.iter().any(String::is_empty) || elements.iter().any(braces) {
            return Err(bad("stray or empty braces"));
        }
        if (1..names.len()).any(|at| names[..at].contains(&names[at])) {
            return Err(bad("a placeholder twice"));
        }
        Ok(Self {
            text: text.to_owned(),
            elements,
            names,
        })
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The captures when the whole path matches.
    pub fn matches(&self, segments: &[Segment]) -> Option<Captures> {
        if segments.len() != self.elements.len() {
            return None;
        }
        let mut keys = Vec::new();
        for (element, segment) in self.elements.iter().zip(segments) {
            if !element.accepts(segment, &mut keys) {
                return None;
            }
        }
        Some(Captures::named(&self.names, keys))
    }

    pub(super) fn elements(&self) -> &[Element] {
        &self.elements
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn placeholder(part: &str) -> Option<&str> {
    part.strip_prefix('{')?.strip_suffix('}')
}

impl Element {
    /// Whether the segment is what this element stands for; appends what it captures.
    pub(super) fn accepts(&self, segment: &Segment, keys: &mut Vec<Key>) -> bool {
        match (self, segment) {
            (Self::Literal(wanted), Segment::Name(text)) => {
                literal_forms(text).any(|form| form == *wanted)
            }
            (Self::Key, Segment::Name(text)) if name::may_be_key(text) => {
                keys.push(Key::Id(text.clone()));
                true
            }
            (Self::Key, Segment::Key(key)) => {
                keys.push(Key::Id(key.clone()));
                true
            }
            (Self::Key, Segment::Arguments(named)) => {
                let [(name, value)] = named.as_slice() else {
                    return false;
                };
                keys.push(Key::Alternate {
                    name: name.clone(),
                    value: value.clone(),
                });
                true
            }
            (Self::Cast, Segment::Name(text)) => match name::unqualified(text) {
                Some(cast) => {
                    keys.push(Key::Id(cast.to_owned()));
                    true
                }
                None => false,
            },
            (Self::Arguments(wanted), Segment::Arguments(named)) => arguments(wanted, named, keys),
            _ => false,
        }
    }
}

/// The literals a name may stand for: itself, and without namespace when it is a function's
/// qualified name.
pub(super) fn literal_forms(text: &str) -> impl Iterator<Item = String> {
    let plain = name::unqualified(text).map(str::to_ascii_lowercase);
    std::iter::once(name::canonical(text)).chain(plain)
}

fn arguments(wanted: &[String], named: &[(String, String)], keys: &mut Vec<Key>) -> bool {
    if wanted.len() != named.len() {
        return false;
    }
    let before = keys.len();
    for parameter in wanted {
        match named
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(parameter))
        {
            Some((_, value)) => keys.push(Key::Id(value.clone())),
            None => {
                keys.truncate(before);
                return false;
            }
        }
    }
    true
}
