//! How much one property may hold where Graph publishes no limit. Objects are read by the thousand,
//! in lists and in the pages of a cycle: what one tenant stores must not fill the memory of all.

use super::EntityKind;
use crate::Value;

/// The longest text of a property that has no [`max_length`](super::Property::max_length), in
/// characters.
pub fn longest_text(kind: EntityKind) -> usize {
    match kind {
        // The longest published one is a group's membership rule.
        EntityKind::User | EntityKind::Group => 3072,
        _ => 8192,
    }
}

/// Whether all that a value holds is little enough.
pub fn fits(kind: EntityKind, value: &Value) -> bool {
    let most = match kind {
        // 250 further mail addresses of the greatest length fit.
        EntityKind::User | EntityKind::Group => 64 * 1024,
        // Roles, scopes and certificates of an application.
        _ => 1024 * 1024,
    };
    value.bytes() <= most
}
