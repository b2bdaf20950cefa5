//! `GET /policies/crossTenantAccessPolicy/partners/{tenantId}`.

use syncline_directory::policy;
use syncline_model::Problem;

use super::{check_options, entity, partner_id};
use crate::{Call, Reply};

pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    let id = partner_id(call)?;
    check_options(call)?;
    let partner = call
        .read(|reader| policy::partner(reader, call.tenant(), id))?
        .ok_or_else(|| Problem::not_found(id))?;
    Ok(Reply::ok(entity(call, &partner)))
}
