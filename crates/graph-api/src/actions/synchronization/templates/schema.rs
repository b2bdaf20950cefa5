//! `GET …/synchronization/templates/{templateId}/schema`: what a new job starts with.

use serde_json::{Map, Value as Json};
use syncline_engine::template::{AZURE2AZURE, azure2azure};
use syncline_model::Problem;

use crate::actions::synchronization::options::Shown;
use crate::actions::synchronization::resolve::{self, Configuration};
use crate::actions::synchronization::schema;
use crate::{Call, Reply};

pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    let shown = Shown::one(call, &schema::RESOURCE)?;
    let configuration = call.read(|reader| resolve::configuration(call, reader))?;
    resolve::template(call)?;
    let mut json = json(&configuration)?;
    shown.apply(&mut json)?;
    let context = format!(
        "servicePrincipals('{}')/synchronization/templates('{AZURE2AZURE}')/schema/$entity",
        configuration.service_principal
    );
    json.insert("@odata.context".to_owned(), call.context(&context).into());
    Ok(Reply::ok(Json::Object(json)))
}

/// The template's schema, without context.
pub(super) fn json(configuration: &Configuration) -> Result<Map<String, Json>, Problem> {
    let id = format!("{AZURE2AZURE}.{}", "0".repeat(32));
    // A template's rule belongs to no job; its id follows the configuration, so that it is stable.
    let schema = azure2azure(&id, configuration.service_principal.0);
    schema::get::json(&schema)
}
