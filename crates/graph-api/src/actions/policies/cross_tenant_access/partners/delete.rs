//! `DELETE /policies/crossTenantAccessPolicy/partners/{tenantId}`.

use syncline_directory::policy;
use syncline_model::Problem;

use super::partner_id;
use crate::{Call, Reply};

/// What was synchronized stays; synchronization stops at once.
pub fn delete(call: &Call<'_>) -> Result<Reply, Problem> {
    let id = partner_id(call)?;
    call.write(|tx, _| {
        let partner =
            policy::partner(tx, call.tenant(), id)?.ok_or_else(|| Problem::not_found(id))?;
        if partner.identity_synchronization.is_some() {
            return Err(Problem::bad_request(
                "The partner still has an identitySynchronization policy. Delete that first.",
            ));
        }
        policy::delete_partner(tx, call.tenant(), id)
    })?;
    Ok(Reply::no_content())
}
