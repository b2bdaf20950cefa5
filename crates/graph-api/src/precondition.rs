//! `If-Match`. We send no entity tags, so only `*` can match.

use http::HeaderMap;
use syncline_model::{Problem, ProblemKind};

/// 412 for a write under a condition that can not hold.
pub(crate) fn check(method: &str, headers: &HeaderMap) -> Result<(), Problem> {
    let condition = headers
        .get("if-match")
        .and_then(|value| value.to_str().ok());
    match condition {
        Some(tag) if method != "GET" && tag.trim() != "*" => Err(Problem::new(
            ProblemKind::PreconditionFailed,
            "PreconditionFailed",
            "The entity tag of If-Match does not match. Leave the header out, or send `If-Match: *`.",
        )),
        _ => Ok(()),
    }
}
