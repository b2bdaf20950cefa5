//! `PUT …/partners/{tenantId}/identitySynchronization`: creates only; a second one is refused.

use syncline_directory::policy;
use syncline_model::policy::IdentitySynchronization;
use syncline_model::{Problem, ProblemKind};

use super::{RESOURCE, apply};
use crate::actions::policies::cross_tenant_access::partners;
use crate::{Call, Reply};

pub fn create(call: &Call<'_>) -> Result<Reply, Problem> {
    let id = partners::partner_id(call)?;
    let body = call.body(RESOURCE)?;
    let mut policy = IdentitySynchronization::default();
    apply(&mut policy, id, &body)?;
    call.write(|tx, _| {
        let mut partner = policy::partner(tx, call.tenant(), id)?.ok_or_else(partners::absent)?;
        if partner.identity_synchronization.is_some() {
            let message =
                "A conflicting object with one or more of the specified property values is present in the directory.";
            return Err(Problem::new(ProblemKind::Conflict, "Request_MultipleObjectsWithSameKeyValue", message)
                .with_detail("ConflictingObjects", message, None));
        }
        partner.identity_synchronization = Some(policy);
        partners::store(call, tx, &partner)
    })?;
    Ok(Reply::no_content())
}
