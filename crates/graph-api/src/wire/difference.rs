//! What a PATCH would change. Clients send back what they read, and their own defaults with it.

use syncline_model::Entry;
use syncline_model::same_value::is_same;

use super::entity_in::Changes;

/// The changes that leave another value than is stored; null, an empty list and no value are the same.
#[must_use]
pub fn of(stored: &Entry, mut changes: Changes) -> Changes {
    changes.retain(|(attr, value)| !is_same(stored.get(*attr), value.as_ref()));
    changes
}
