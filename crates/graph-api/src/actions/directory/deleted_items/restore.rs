//! `POST /directory/deletedItems/{id}/restore`

use syncline_directory::deleted_items;
use syncline_model::Problem;

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
    let restored = call.write(|tx, context| {
        let found = deleted_items::find(tx, call.tenant(), id)?;
        permission::check_write(call, tx, &found)?;
        deleted_items::restore(tx, context, id, new_name)
    })?;
    call.read(|reader| list::one_typed(call, reader, &restored))
}
