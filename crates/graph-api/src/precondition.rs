//! `If-Match`. A job's schema has an entity tag, which its `GET` answers; of all else we send none, so only `*`
//! can match.

use http::HeaderMap;
use syncline_model::{Problem, ProblemKind};

/// The routes whose action asks [`holds`] itself, inside its transaction.
const TAGGED: &str = "/jobs/{jobId}/schema";

/// 412 for a write under a condition that can not hold.
pub(crate) fn check(method: &str, pattern: &str, headers: &HeaderMap) -> Result<(), Problem> {
    match condition(headers) {
        Some(_) if method == "GET" || pattern.ends_with(TAGGED) => Ok(()),
        Some(tags) if !names(tags, None) => Err(failed(
            "The entity tag of If-Match does not match. Leave the header out, or send `If-Match: *`.",
        )),
        _ => Ok(()),
    }
}

/// 412 for a write that is to change another state than the one with this tag (RFC 9110, 13.1.1).
pub(crate) fn holds(headers: &HeaderMap, tag: &str) -> Result<(), Problem> {
    match condition(headers) {
        Some(tags) if !names(tags, Some(tag)) => Err(failed(
            "It was changed by another save since it was read with this entity tag; nothing was changed now. Read it again, make your change in that, and send it with its tag.",
        )),
        _ => Ok(()),
    }
}

fn condition(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get("if-match")?;
    // What is no text matches no tag of ours.
    Some(value.to_str().unwrap_or_default())
}

/// Whether a list of tags has this one; `*` is any. Proxies that compress make weak tags of ours.
fn names(tags: &str, tag: Option<&str>) -> bool {
    let mut tags = tags.split(',').map(str::trim);
    tags.any(|it| it == "*" || tag.is_some_and(|tag| it.trim_start_matches("W/") == tag))
}

fn failed(message: &str) -> Problem {
    Problem::new(
        ProblemKind::PreconditionFailed,
        "PreconditionFailed",
        message,
    )
}
