//! `POST /directory/deletedItems/{id}/restore`

use syncline_directory::{deleted_items, extension_properties};
use syncline_model::Problem;
use syncline_runner::Runner;

use super::permission;
use crate::{Call, Reply, list};

/// Restores the object with its id, references and assignments.
pub fn restore(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.optional_body("")?;
    // Conflicting addresses are refused, never dropped silently, so the switch changes nothing.
    body.only(&["autoReconcileProxyConflict", "newUserPrincipalName"])?;
    body.boolean("autoReconcileProxyConflict")?;
    let new_name = body.text("newUserPrincipalName")?;
    let id = call.object_id("id")?;
    let concerned = call.read(|reader| {
        // Whoever may not do it must not make others work, or wait.
        let found = deleted_items::find(reader, call.tenant(), id)?;
        permission::check_write(call, reader, &found)?;
        // Only applications have extensions.
        let names = extension_properties::names(reader, call.tenant(), id)?;
        Runner::concerned_by_extensions(reader, call.tenant(), &names)
    })?;
    let restored = call.write(|tx, context| {
        Runner::extensions_changed(tx, call.tenant(), &concerned)?;
        let found = deleted_items::find(tx, call.tenant(), id)?;
        permission::check_write(call, tx, &found)?;
        deleted_items::restore(tx, context, id, new_name)
    })?;
    call.read(|reader| list::one_typed(call, reader, &restored))
}
