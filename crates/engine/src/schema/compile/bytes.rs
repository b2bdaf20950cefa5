//! About how much memory a compiled object mapping takes, but for its patterns, which are counted as they are compiled.

use super::measure::expression_bytes;
use crate::schema::ObjectMapping;

/// So many bytes for each of an expression: the shortest part of one makes a node.
const OF_EXPRESSION: usize = 32;

/// So many for each of all else, which is mostly kept as it is, in more than one form.
const OF_TEXT: usize = 3;

pub(super) fn of(mapping: &ObjectMapping) -> usize {
    // It came in as JSON, or was read as such.
    let text = serde_json::to_string(mapping).map_or(0, |it| it.len());
    let expressions = expression_bytes(mapping).saturating_mul(OF_EXPRESSION);
    text.saturating_mul(OF_TEXT).saturating_add(expressions)
}
