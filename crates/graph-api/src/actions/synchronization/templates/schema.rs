//! `GET …/synchronization/templates/{templateId}/schema`: what a new job starts with.

use serde_json::{Map, Value as Json};
use syncline_model::Problem;

use super::{AZURE_TO_AZURE, get::known};
use crate::actions::synchronization::options::Shown;
use crate::actions::synchronization::resolve::{self, Configuration};
use crate::actions::synchronization::schema;
use crate::{Call, Reply};

pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    let shown = Shown::one(call, &schema::RESOURCE)?;
    let configuration = call.read(|reader| resolve::configuration(call, reader))?;
    known(call)?;
    let mut json = json(&configuration)?;
    shown.apply(&mut json)?;
    let context = format!(
        "servicePrincipals('{}')/synchronization/templates('{AZURE_TO_AZURE}')/schema/$entity",
        configuration.service_principal
    );
    json.insert("@odata.context".to_owned(), call.context(&context).into());
    Ok(Reply::ok(Json::Object(json)))
}

/// The template's schema, without context.
pub(super) fn json(configuration: &Configuration) -> Result<Map<String, Json>, Problem> {
    let id = format!("{AZURE_TO_AZURE}.{}", "0".repeat(32));
    // A template's rule belongs to no job; its id follows the configuration, so that it is stable.
    let schema = syncline_engine::template::azure2azure(&id, configuration.service_principal.0);
    schema::get::json(&schema)
}
