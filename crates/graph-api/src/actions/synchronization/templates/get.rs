//! `GET …/synchronization/templates/{templateId}`.

use serde_json::Value as Json;
use syncline_model::Problem;

use super::{AZURE_TO_AZURE, show};
use crate::actions::synchronization::resolve;
use crate::{Call, Reply};

pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    let configuration = call.read(|reader| resolve::configuration(call, reader))?;
    known(call)?;
    let mut json = show(&configuration);
    let context = format!(
        "servicePrincipals('{}')/synchronization/templates/$entity",
        configuration.service_principal
    );
    if let Json::Object(members) = &mut json {
        members.insert("@odata.context".to_owned(), call.context(&context).into());
    }
    Ok(Reply::ok(json))
}

pub(in crate::actions::synchronization) fn known(call: &Call<'_>) -> Result<(), Problem> {
    let id = call.key("templateId")?.value();
    if id == AZURE_TO_AZURE {
        Ok(())
    } else {
        Err(Problem::not_found(id))
    }
}
