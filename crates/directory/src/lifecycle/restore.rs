//! Recycle bin → live.

use syncline_model::{Attr, Attrs, EntityKind, Problem, Timestamp, Value, b2b};
use syncline_store::{ObjectState, Stored, Tx};

use crate::{Context, edit, extension_properties};

/// Takes an object out of the recycle bin, with these attributes. Refused when somebody took one
/// of its unique values meanwhile. A user who signs in here does so anew: whoever had a session, or a device that is
/// lost, when the account was deleted does not get in again when it comes back.
pub(crate) fn restore(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    object: &Stored,
    mut attrs: Attrs,
) -> Result<Stored, Problem> {
    let deleted_at = attrs.remove(Attr::DELETED_DATE_TIME);
    if object.entry.kind == EntityKind::User && !b2b::is_external(&object.entry) {
        let now = last(context.now, deleted_at);
        let end = tx.sign_in_end(context.tenant_id(), &object.entry, now)?;
        attrs.set(
            Attr::SIGN_IN_SESSIONS_VALID_FROM_DATE_TIME,
            Value::Time(end),
        );
    }
    extension_properties::follow_state(tx, context, object, ObjectState::Live)?;
    edit::transfer(tx, context, object, attrs, ObjectState::Live)
}

/// The later moment: whoever restores may have asked before somebody else deleted.
fn last(now: Timestamp, deleted_at: Option<Value>) -> Timestamp {
    match deleted_at {
        Some(Value::Time(deleted_at)) => now.max(deleted_at),
        _ => now,
    }
}
