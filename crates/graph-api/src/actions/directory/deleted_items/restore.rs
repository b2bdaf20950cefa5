//! `POST /directory/deletedItems/{id}/restore`

use syncline_access::is_microsofts_own;
use syncline_directory::deleted_items::{self, Restoration};
use syncline_model::{AppId, Attr, EntityKind, Problem};

use super::permission;
use crate::actions::decisive;
use crate::{Call, Reply, list};

/// Restores the object with its id, references and assignments; a configuration with its jobs, paused.
pub fn restore(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.optional_body("")?;
    body.only(&["autoReconcileProxyConflict", "newUserPrincipalName"])?;
    let how = Restoration {
        new_user_principal_name: body.text("newUserPrincipalName")?,
        without_taken_addresses: body
            .boolean("autoReconcileProxyConflict")?
            .unwrap_or_default(),
        ..Restoration::default()
    };
    let id = call.object_id("id")?;
    decisive::look_into_bin(call, |reader| {
        deleted_items::find(reader, call.tenant(), id)
    })?;
    call.write(|tx, context| {
        let found = deleted_items::find(tx, call.tenant(), id)?;
        permission::check_write(call, tx, &found)?;
        let restored = deleted_items::restore(tx, context, id, how)?;
        let app_id = restored.entry.guid(Attr::APP_ID).map(AppId);
        // Those of Microsoft's own applications take no jobs, and earlier builds let them have some.
        if restored.entry.kind == EntityKind::ServicePrincipal
            && !app_id.is_some_and(is_microsofts_own)
        {
            let runner = &call.api.runner;
            runner.bring_back_configuration(tx, call.tenant(), id)?;
        }
        // Inside: of what can not be shown as it was asked for, nothing is restored.
        list::one_typed(call, tx, &restored)
    })
}
