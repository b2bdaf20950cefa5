//! `DELETE /servicePrincipals/{id}`: into the recycle bin. Its synchronization jobs are deleted with
//! it; what they synchronized stays.

use syncline_directory::service_principals;
use syncline_model::{Attr, Problem};
use syncline_runner::Runner;

use crate::actions::app_role_assignments::GRAPH;
use crate::actions::{decisive, lookup};
use crate::{Call, Reply};

pub fn delete(call: &Call<'_>) -> Result<Reply, Problem> {
    call.write(|tx, context| {
        let found = lookup::service_principal(call, tx)?;
        if found.entry.guid(Attr::APP_ID) == Some(GRAPH) {
            return Err(Problem::bad_request(
                "The service principal of Microsoft Graph can not be deleted: every permission in the tenant is a role of it.",
            ));
        }
        decisive::check(call, tx, &found)?;
        let id = found.entry.id;
        Runner::delete_configuration(tx, call.tenant(), id)?;
        service_principals::delete(tx, context, id)
    })?;
    Ok(Reply::no_content())
}
