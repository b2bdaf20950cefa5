//! `GET …/partners/{tenantId}/identitySynchronization`.

use serde_json::{Map, Value as Json};
use syncline_directory::policy;
use syncline_model::Problem;

use crate::actions::policies::cross_tenant_access::partners;
use crate::actions::whole;
use crate::{Call, Reply};

pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    whole::one(call)?;
    let id = partners::partner_id(call)?;
    let partner = call.read(|reader| policy::partner(reader, call.tenant(), id))?;
    let policy = partner
        .and_then(|it| it.identity_synchronization)
        .ok_or_else(|| Problem::not_found(id))?;
    let mut json = Map::new();
    let context = format!(
        "policies/crossTenantAccessPolicy/partners('{id}')/identitySynchronization/$entity"
    );
    json.insert("@odata.context".to_owned(), call.context(&context).into());
    json.extend(super::show(id, &policy));
    Ok(Reply::ok(Json::Object(json)))
}
