//! `GET …/synchronization/templates/{templateId}/schema`: what a new job starts with.

use serde_json::Value as Json;
use syncline_model::Problem;

use super::{AZURE_TO_AZURE, get::known};
use crate::actions::synchronization::resolve;
use crate::{Call, Reply};

pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    let configuration = call.read(|reader| resolve::configuration(call, reader))?;
    known(call)?;
    let id = format!("{AZURE_TO_AZURE}.{}", "0".repeat(32));
    // A template's rule belongs to no job; its id follows the configuration, so that it is stable.
    let schema = syncline_engine::template::azure2azure(&id, configuration.service_principal.0);
    let mut json =
        serde_json::to_value(schema).map_err(|error| Problem::internal(error.to_string()))?;
    let context = format!(
        "servicePrincipals('{}')/synchronization/templates('{AZURE_TO_AZURE}')/schema/$entity",
        configuration.service_principal
    );
    if let Json::Object(members) = &mut json {
        members.insert("@odata.context".to_owned(), call.context(&context).into());
    }
    Ok(Reply::ok(json))
}
