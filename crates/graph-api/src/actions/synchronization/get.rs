//! `GET …/synchronization`.

use serde_json::json;
use syncline_model::Problem;

use super::resolve;
use crate::{Call, Reply};

pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    let configuration = call.read(|reader| resolve::configuration(call, reader))?;
    let id = configuration.service_principal;
    Ok(Reply::ok(json!({
        "@odata.context": call.context(&format!("servicePrincipals('{id}')/synchronization/$entity")),
        "id": id,
    })))
}
