//! `POST /users/{id}/revokeSignInSessions`

use serde_json::json;
use syncline_access::ends_at;
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
        let moment = (
            Attr::SIGN_IN_SESSIONS_VALID_FROM_DATE_TIME,
            // Not when the request came: who signed in while it waited for other writers is signed out, too.
            Some(Value::Time(ends_at(&entry, call.api.clock.now()))),
        );
        users::update(tx, context, user, &[moment])
    })?;
    Ok(Reply::ok(
        json!({ "@odata.context": call.context("Edm.Boolean"), "value": true }),
    ))
}
