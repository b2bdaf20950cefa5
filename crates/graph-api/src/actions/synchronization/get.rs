//! `GET …/synchronization`; `$expand=jobs,templates`.

use serde_json::{Map, Value as Json, json};
use syncline_model::Problem;

use super::options::{Resource, Shown, selected};
use super::{jobs, resolve, templates, wire};
use crate::{Call, Reply};

const RESOURCE: Resource = Resource {
    name: "synchronization",
    expandable: &["jobs", "templates"],
};

pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    let shown = Shown::one(call, &RESOURCE)?;
    call.read(|reader| {
        let configuration = resolve::configuration(call, reader)?;
        let id = configuration.service_principal;
        let mut json = Map::new();
        json.insert("id".to_owned(), json!(id));
        shown.apply(&mut json)?;
        if let Some(names) = shown.expanded("jobs") {
            let found = reader.jobs_of_service_principal(call.tenant(), id)?;
            let items = found
                .iter()
                .map(|job| selected(&jobs::RESOURCE, names, wire::job::show(job, call.now)));
            json.insert("jobs".to_owned(), items.collect::<Result<Json, _>>()?);
        }
        if let Some(names) = shown.expanded("templates") {
            let item = selected(&templates::RESOURCE, names, templates::show(&configuration))?;
            json.insert("templates".to_owned(), json!([item]));
        }
        let context = call.context(&format!(
            "servicePrincipals('{id}')/synchronization/$entity"
        ));
        json.insert("@odata.context".to_owned(), context.into());
        Ok(Reply::ok(Json::Object(json)))
    })
}
