//! `POST /policies/crossTenantAccessPolicy/partners`.

use syncline_directory::policy;
use syncline_model::policy::{Partner, Redemption};
use syncline_model::{Problem, ProblemKind, TenantId};

use super::{RESOURCE, apply, entity, store};
use crate::{Call, Reply};

pub fn create(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.body(RESOURCE)?;
    let tenant_id = TenantId(body.required_guid("tenantId")?);
    if tenant_id == call.tenant() {
        return Err(Problem::bad_request("A tenant cannot be its own partner."));
    }
    let mut partner = Partner {
        tenant_id,
        redemption: Redemption::default(),
        identity_synchronization: None,
        blocks_json: String::new(),
    };
    apply(&mut partner, &body)?;
    call.write(|tx, _| {
        if tx.tenant(tenant_id)?.is_none() {
            return Err(Problem::bad_request(format!(
                "There is no tenant with the id '{tenant_id}'. Look it up with tenantRelationships/findTenantInformationByDomainName."
            )));
        }
        if policy::partner(tx, call.tenant(), tenant_id)?.is_some() {
            return Err(Problem::new(
                ProblemKind::BadRequest,
                "Request_MultipleObjectsWithSameKeyValue",
                "Another object with the same value for property tenantId already exists.",
            ));
        }
        store(call, tx, &partner)
    })?;
    Ok(Reply::created(entity(call, &partner)))
}
