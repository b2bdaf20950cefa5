//! `GET …/synchronization/templates/{templateId}`; `$expand=schema`.

use serde_json::Value as Json;
use syncline_model::Problem;

use super::shown;
use crate::actions::synchronization::options::Shown;
use crate::actions::synchronization::resolve;
use crate::{Call, Reply};

pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    let options = Shown::one(call, &super::RESOURCE)?;
    let configuration = call.read(|reader| resolve::configuration(call, reader))?;
    resolve::template(call)?;
    let mut json = shown(&configuration, &options)?;
    let context = format!(
        "servicePrincipals('{}')/synchronization/templates/$entity",
        configuration.service_principal
    );
    json.insert("@odata.context".to_owned(), call.context(&context).into());
    Ok(Reply::ok(Json::Object(json)))
}
