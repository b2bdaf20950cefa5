//! `PATCH /policies/crossTenantAccessPolicy/partners/{tenantId}`.

use syncline_directory::policy;
use syncline_model::Problem;

use super::{RESOURCE, absent, apply, partner_id, store};
use crate::{Call, Reply};

pub fn update(call: &Call<'_>) -> Result<Reply, Problem> {
    let id = partner_id(call)?;
    let body = call.body(RESOURCE)?;
    if body.guid("tenantId")?.is_some_and(|sent| sent != id.0) {
        return Err(Problem::bad_request(
            "The tenantId of a partner cannot be changed.",
        ));
    }
    call.write(|tx, _| {
        let mut partner = policy::partner(tx, call.tenant(), id)?.ok_or_else(absent)?;
        apply(&mut partner, &body)?;
        store(call, tx, &partner)
    })?;
    Ok(Reply::no_content())
}
