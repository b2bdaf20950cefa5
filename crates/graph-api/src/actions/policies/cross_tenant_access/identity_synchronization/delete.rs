//! `DELETE …/partners/{tenantId}/identitySynchronization`: no further writes; what was synchronized
//! stays.

use syncline_directory::policy;
use syncline_model::Problem;

use crate::actions::policies::cross_tenant_access::partners;
use crate::{Call, Reply};

pub fn delete(call: &Call<'_>) -> Result<Reply, Problem> {
    let id = partners::partner_id(call)?;
    call.write(|tx, _| {
        let mut partner =
            policy::partner(tx, call.tenant(), id)?.ok_or_else(|| Problem::not_found(id))?;
        if partner.identity_synchronization.take().is_none() {
            return Err(Problem::not_found(id));
        }
        policy::put_partner(tx, call.tenant(), &partner)
    })?;
    Ok(Reply::no_content())
}
