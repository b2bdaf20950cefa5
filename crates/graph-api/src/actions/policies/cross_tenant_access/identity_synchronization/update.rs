//! `PATCH …/partners/{tenantId}/identitySynchronization`.

use syncline_directory::policy;
use syncline_model::Problem;

use super::{RESOURCE, apply};
use crate::actions::policies::cross_tenant_access::partners;
use crate::{Call, Reply};

pub fn update(call: &Call<'_>) -> Result<Reply, Problem> {
    let id = partners::partner_id(call)?;
    let body = call.body(RESOURCE)?;
    call.write(|tx, _| {
        let mut partner = policy::partner(tx, call.tenant(), id)?.ok_or_else(partners::absent)?;
        let policy = partner
            .identity_synchronization
            .as_mut()
            .ok_or_else(partners::absent)?;
        apply(policy, id, &body)?;
        partners::store(call, tx, &partner)
    })?;
    Ok(Reply::no_content())
}
