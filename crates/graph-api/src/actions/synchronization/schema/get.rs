//! `GET …/jobs/{jobId}/schema`. Directories are inline, as in Graph's own bodies.

use serde_json::Value as Json;
use syncline_model::Problem;
use syncline_runner::StoredSchema;

use crate::actions::synchronization::resolve;
use crate::{Call, Reply};

pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    let (job, schema) = call.read(|reader| {
        let job = resolve::job(call, reader)?;
        let schema = StoredSchema::load(reader, &job)?;
        Ok::<_, Problem>((job, schema))
    })?;
    let mut json =
        serde_json::to_value(schema).map_err(|error| Problem::internal(error.to_string()))?;
    let context = format!(
        "servicePrincipals('{}')/synchronization/jobs('{}')/schema/$entity",
        job.service_principal, job.id
    );
    if let Json::Object(members) = &mut json {
        members.insert("@odata.context".to_owned(), call.context(&context).into());
    }
    Ok(Reply::ok(json))
}
