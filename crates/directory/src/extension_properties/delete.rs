//! Deletes an extension.

use syncline_model::schema::ExtensionProperty;
use syncline_model::{ObjectId, Problem};
use syncline_store::Tx;

use super::find;
use crate::Context;

/// Deletes an extension of an application for good, and says which it was. From now on nobody sees
/// its values; they leave the objects when these are next written.
pub fn delete(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    application: ObjectId,
    id: ObjectId,
) -> Result<ExtensionProperty, Problem> {
    let found = find(tx, context.tenant_id(), application, id)?;
    let mut extensions = tx.extensions(context.tenant_id())?;
    extensions.remove(|it| it.id == id);
    tx.put_extensions(context.tenant_id(), &extensions, context.ids)?;
    Ok(found)
}
