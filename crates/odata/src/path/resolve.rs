//! Raw path text to segments.

use syncline_model::Problem;

use super::parentheses::{self, Parentheses};
use super::{Segment, split_version};
use crate::{decode, limits};

/// Resolves a raw (percent-encoded) path, with or without its version prefix. Repeated and trailing
/// slashes do not matter.
///
/// # Errors
/// 400 when the path is too long, has too many segments, or is not UTF-8.
pub fn resolve(raw: &str) -> Result<Vec<Segment>, Problem> {
    let (_, rest) = split_version(raw);
    if rest.len() > limits::MAX_TEXT_BYTES {
        return Err(Problem::malformed("The request URL is too long."));
    }
    let mut segments = Vec::new();
    // Split first, decode second: `%2F` inside a key is part of the key.
    for part in rest.split('/').filter(|part| !part.is_empty()) {
        if segments.len() >= limits::MAX_SEGMENTS {
            return Err(Problem::malformed("The request URL has too many segments."));
        }
        push(&mut segments, decode::percent(part, "request URL")?);
    }
    Ok(segments)
}

fn push(segments: &mut Vec<Segment>, text: String) {
    let Some((name, inside)) = parentheses::split(&text) else {
        segments.push(Segment::Name(text));
        return;
    };
    segments.push(Segment::Name(name.to_owned()));
    match inside {
        // `delta()` is `delta`.
        Parentheses::Empty => {}
        Parentheses::Key(key) => segments.push(Segment::Key(key)),
        Parentheses::Arguments(named) => segments.push(Segment::Arguments(named)),
    }
}
