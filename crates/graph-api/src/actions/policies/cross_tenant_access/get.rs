//! `GET /policies/crossTenantAccessPolicy`.

use serde_json::json;
use syncline_model::Problem;

use crate::actions::whole;
use crate::{Call, Reply};

pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    whole::one(call)?;
    Ok(Reply::ok(json!({
        "@odata.context": call.context("policies/crossTenantAccessPolicy/$entity"),
        "id": call.tenant(),
        "displayName": "CrossTenantAccessPolicy",
        "allowedCloudEndpoints": [],
    })))
}
