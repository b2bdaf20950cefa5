//! Live → recycle bin.

use syncline_model::{Attr, Problem, Value};
use syncline_store::{ObjectState, Stored, Tx};

use crate::{Context, edit, extension_properties};

/// Puts an object into the recycle bin. Edges and assignments stay: they are hidden while the
/// object is not live, and a restore brings them back by itself.
pub(crate) fn soft_delete(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    object: &Stored,
) -> Result<(), Problem> {
    let attrs = object
        .entry
        .attrs
        .clone()
        .with(Attr::DELETED_DATE_TIME, Value::Time(context.now));
    edit::transfer(tx, context, object, attrs, ObjectState::Deleted)?;
    extension_properties::follow_state(tx, context, object, ObjectState::Deleted)
}
