//! `…/synchronization/jobs`.

pub mod count;
pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod pause;
pub mod plan;
pub mod provision_on_demand;
pub mod restart;
pub mod start;
pub mod update;
pub mod validate_credentials;

mod changes;

use serde_json::{Map, Value as Json};
use syncline_model::{Job, Problem};
use syncline_store::Reader;

use super::options::{Resource, Shown, selected};
use super::{schema, wire};
use crate::Call;

pub(super) const RESOURCE: Resource = Resource {
    name: "synchronizationJob",
    expandable: &["schema"],
};

/// The job as an entity of its own.
fn entity(
    call: &Call<'_>,
    reader: &Reader<'_>,
    job: &Job,
    shown: &Shown<'_>,
) -> Result<Json, Problem> {
    let mut json = show(call, reader, job, shown)?;
    let context = format!(
        "servicePrincipals('{}')/synchronization/jobs/$entity",
        job.service_principal
    );
    json.insert("@odata.context".to_owned(), call.context(&context).into());
    Ok(Json::Object(json))
}

/// The job as `$select` and `$expand` ask.
fn show(
    call: &Call<'_>,
    reader: &Reader<'_>,
    job: &Job,
    shown: &Shown<'_>,
) -> Result<Map<String, Json>, Problem> {
    let mut json = wire::job::show(job, call.now);
    shown.apply(&mut json)?;
    if let Some(names) = shown.expanded("schema") {
        let schema = schema::get::of_job(reader, job)?;
        let schema = selected(&schema::RESOURCE, names, schema)?;
        json.insert("schema".to_owned(), schema);
    }
    Ok(json)
}
