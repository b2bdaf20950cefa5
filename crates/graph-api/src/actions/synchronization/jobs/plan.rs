//! `POST …/synchronization/jobs/{jobId}/plan`, an action of our own: what the next cycle would do, as
//! configured or with a schema that is not saved yet. Writes nothing, and ends when the caller hangs up. Asks for the permission to
//! write, as whoever may save a schema may know what it does.

use serde_json::{Value as Json, json};
use syncline_model::Problem;

use crate::actions::synchronization::{resolve, schema};
use crate::{Call, Reply};

/// Objects that are named when the caller does not say how many.
const SHOWN: usize = 10;
const MOST_SHOWN: usize = 1000;

pub fn plan(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.optional_body("")?;
    body.only(&["schema", "show"])?;
    let show = match body.value("show") {
        None => SHOWN,
        Some(number) => number
            .as_u64()
            .and_then(|it| usize::try_from(it).ok())
            .filter(|it| *it <= MOST_SHOWN)
            .ok_or_else(|| {
                Problem::bad_request(format!(
                    "The value '{number}' of 'show' is not a number between 0 and {MOST_SHOWN}."
                ))
            })?,
    };
    let before = call.read(|reader| resolve::replaceable(call, reader))?;
    let proposed = match body.value("schema") {
        None => None,
        Some(schema) => Some(schema::put::judged(call, schema.clone(), &before)?),
    };
    let (runner, job) = (&call.api.runner, before.job);
    let plan = runner.plan(job.tenant, &job.id, proposed, show, &call.waiting)?;
    let mut json = json!(plan);
    let context = format!(
        "servicePrincipals('{}')/synchronization/jobs('{}')/plan",
        job.service_principal, job.id
    );
    if let Json::Object(members) = &mut json {
        members.insert("@odata.context".to_owned(), call.context(&context).into());
    }
    Ok(Reply::ok(json))
}
