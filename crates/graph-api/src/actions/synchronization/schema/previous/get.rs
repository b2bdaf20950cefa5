//! `GET …/jobs/{jobId}/schema/previous/{number}`: a schema that the job had before; 1 is the one before the one in force.

use serde_json::Value as Json;
use syncline_model::Problem;
use syncline_runner::PreviousSchema;

use crate::actions::synchronization::{resolve, schema};
use crate::actions::whole;
use crate::{Call, Reply};

pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    whole::one(call)?;
    let number = call.key("number")?.value().to_owned();
    let (job, known) = call.read(|reader| {
        let job = resolve::job(call, reader)?;
        let known = PreviousSchema::all(reader, &job)?;
        Ok::<_, Problem>((job, known))
    })?;
    let wanted = number.parse::<usize>().ok();
    let found = wanted
        .and_then(|it| it.checked_sub(1))
        .and_then(|it| known.into_iter().nth(it))
        .ok_or_else(|| Problem::not_found(&number))?;
    let mut json = schema::get::json(&found.schema)?;
    let context = format!(
        "servicePrincipals('{}')/synchronization/jobs('{}')/schema/previous/$entity",
        job.service_principal, job.id
    );
    json.insert("@odata.context".to_owned(), call.context(&context).into());
    Ok(Reply::ok(Json::Object(json)))
}
