//! Recycle bin → live.

use syncline_model::{Attr, Attrs, Problem};
use syncline_store::{ObjectState, Stored, Tx};

use crate::{Context, edit, extension_properties};

/// Takes an object out of the recycle bin, with these attributes. Refused when somebody took one
/// of its unique values meanwhile.
pub(crate) fn restore(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    object: &Stored,
    mut attrs: Attrs,
) -> Result<Stored, Problem> {
    attrs.remove(Attr::DELETED_DATE_TIME);
    extension_properties::follow_state(tx, context, object, ObjectState::Live)?;
    edit::transfer(tx, context, object, attrs, ObjectState::Live)
}
