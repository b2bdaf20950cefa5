//! Sort keys: what `$orderby` compares, and then the id.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use syncline_model::fold::fold;
use syncline_model::predicate::Attributes;
use syncline_model::query::Order;
use syncline_model::{ObjectId, Value};
use syncline_store::Stored;

/// The sort key of one row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SortKey {
    parts: Vec<Part>,
    id: ObjectId,
}

/// One value; absent ones come first, as in Graph.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Part {
    Absent,
    Number(i64),
    /// Folded.
    Text(String),
}

impl SortKey {
    pub(super) fn of(stored: &Stored, order: &[Order]) -> Self {
        let part = |order: &Order| match stored.value(order.attr).as_deref() {
            None | Some(Value::Null) => Part::Absent,
            Some(Value::Bool(it)) => Part::Number(i64::from(*it)),
            Some(Value::Int(number)) => Part::Number(*number),
            Some(Value::Time(at)) => Part::Number(at.0),
            Some(other) => Part::Text(fold(&other.display_text())),
        };
        Self {
            parts: order.iter().map(part).collect(),
            id: stored.entry.id,
        }
    }

    pub(super) fn compare(&self, other: &Self, order: &[Order]) -> Ordering {
        for ((left, right), order) in self.parts.iter().zip(&other.parts).zip(order) {
            let ordering = if order.descending {
                right.cmp(left)
            } else {
                left.cmp(right)
            };
            if ordering.is_ne() {
                return ordering;
            }
        }
        self.id.cmp(&other.id)
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        // Serialising texts and numbers has no way to fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}
