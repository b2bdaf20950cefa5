//! `POST /users/{id}/revokeSignInSessions`

use serde_json::json;
use syncline_directory::users;
use syncline_model::{Attr, Problem, Value};

use super::privileged;
use crate::actions::lookup;
use crate::{Call, Reply};

/// Notes the moment: tokens issued before it are no longer good for new ones.
pub fn revoke(call: &Call<'_>) -> Result<Reply, Problem> {
    call.write(|tx, context| {
        let entry = lookup::user(call, tx)?.entry;
        let user = entry.id;
        privileged::check_delete(call, tx, user)?;
        // Not when the request came: who signed in while it waited for other writers is signed out, too.
        let end = tx.sign_in_end(call.tenant(), &entry, call.api.clock.now())?;
        let moment = (
            Attr::SIGN_IN_SESSIONS_VALID_FROM_DATE_TIME,
            Some(Value::Time(end)),
        );
        users::update(tx, context, user, &[moment])
    })?;
    Ok(Reply::ok(
        json!({ "@odata.context": call.context("Edm.Boolean"), "value": true }),
    ))
}
