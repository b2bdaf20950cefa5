//! The extensions of an application share its life.

use syncline_model::{EntityKind, Problem};
use syncline_store::{ObjectState, Stored, Tx};

use crate::Context;

/// An application went into the recycle bin, or came out of it: its extensions and all their values
/// are hidden, or there again.
pub(crate) fn follow_state(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    object: &Stored,
    state: ObjectState,
) -> Result<(), Problem> {
    if object.entry.kind != EntityKind::Application {
        return Ok(());
    }
    let mut extensions = tx.extensions(context.tenant_id())?;
    if extensions.suspend(object.entry.id, state != ObjectState::Live) {
        tx.put_extensions(context.tenant_id(), &extensions, context.ids)?;
    }
    Ok(())
}

/// An application is gone for good, and its extensions with it.
pub(crate) fn follow_purge(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    object: &Stored,
) -> Result<(), Problem> {
    if object.entry.kind != EntityKind::Application {
        return Ok(());
    }
    let mut extensions = tx.extensions(context.tenant_id())?;
    if extensions.remove(|it| it.application == object.entry.id) {
        tx.put_extensions(context.tenant_id(), &extensions, context.ids)?;
    }
    Ok(())
}
