//! What a synchronized group is, whatever its source is: a static security group that holds no role.
//! Whoever decides and whoever writes go by this table, so that neither undoes what the other did.

use crate::{Attr, Value};

/// The attributes that make the kind of a group.
pub const FIXED: [Attr; 5] = [
    Attr::MAIL_ENABLED,
    Attr::SECURITY_ENABLED,
    Attr::GROUP_TYPES,
    Attr::MEMBERSHIP_RULE,
    // Who may hold a role is never another tenant's to say.
    Attr::IS_ASSIGNABLE_TO_ROLE,
];

/// What the attribute of a synchronized group is, `Some(None)` for one that it does not have; `None`
/// for an attribute that follows the source.
pub fn fixed(attr: Attr) -> Option<Option<Value>> {
    let value = match attr {
        Attr::MAIL_ENABLED => Some(Value::Bool(false)),
        Attr::SECURITY_ENABLED => Some(Value::Bool(true)),
        other if FIXED.contains(&other) => None,
        _ => return None,
    };
    Some(value)
}
