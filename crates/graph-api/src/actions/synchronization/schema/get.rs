//! `GET …/jobs/{jobId}/schema`, with its entity tag.

use http::header::ETAG;
use serde_json::{Map, Value as Json};
use syncline_engine::schema::SynchronizationSchema;
use syncline_model::{Job, Problem};
use syncline_runner::StoredSchema;
use syncline_store::Reader;

use crate::actions::synchronization::options::Shown;
use crate::actions::synchronization::resolve;
use crate::{Call, Reply};

pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    let shown = Shown::one(call, &super::RESOURCE)?;
    let (job, schema) = call.read(|reader| {
        let job = resolve::job(call, reader)?;
        let schema = StoredSchema::load(reader, &job)?;
        Ok::<_, Problem>((job, schema))
    })?;
    let tag = StoredSchema::entity_tag(&schema)?;
    let mut json = json(&schema)?;
    shown.apply(&mut json)?;
    let context = format!(
        "servicePrincipals('{}')/synchronization/jobs('{}')/schema/$entity",
        job.service_principal, job.id
    );
    json.insert("@odata.context".to_owned(), call.context(&context).into());
    Ok(Reply::ok(Json::Object(json)).with_header(ETAG, tag))
}

/// The schema of a job, without context.
pub(in crate::actions::synchronization) fn of_job(
    reader: &Reader<'_>,
    job: &Job,
) -> Result<Map<String, Json>, Problem> {
    json(&StoredSchema::load(reader, job)?)
}

/// `synchronizationSchema`, without context.
pub(in crate::actions::synchronization) fn json(
    schema: &SynchronizationSchema,
) -> Result<Map<String, Json>, Problem> {
    match serde_json::to_value(schema) {
        Ok(Json::Object(members)) => Ok(members),
        Ok(other) => Err(Problem::internal(format!(
            "a schema was written as {other}"
        ))),
        Err(error) => Err(Problem::internal(error.to_string())),
    }
}
