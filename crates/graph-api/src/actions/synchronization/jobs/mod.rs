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

use serde_json::{Map, Value as Json};
use syncline_model::{Job, ObjectId};

use super::wire;
use crate::Call;

/// What a body may hold; what is read-only is ignored, because clients send back what they read.
const PROPERTIES: &[&str] = &[
    "id",
    "templateId",
    "schedule",
    "status",
    "synchronizationJobSettings",
];

/// The job as an entity of its own.
fn entity(call: &Call<'_>, service_principal: ObjectId, job: &Job) -> Json {
    let mut json = Map::new();
    let context = format!("servicePrincipals('{service_principal}')/synchronization/jobs/$entity");
    json.insert("@odata.context".to_owned(), call.context(&context).into());
    json.extend(selected(call, job));
    Json::Object(json)
}

/// The job's properties, as `$select` asks.
fn selected(call: &Call<'_>, job: &Job) -> Map<String, Json> {
    let mut json = wire::job::show(job, call.now);
    if !call.query.select.is_empty() {
        json.retain(|name, _| {
            call.query
                .select
                .iter()
                .any(|it| it.eq_ignore_ascii_case(name))
        });
    }
    json
}
