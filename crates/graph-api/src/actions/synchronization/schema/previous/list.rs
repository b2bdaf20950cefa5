//! `GET …/jobs/{jobId}/schema/previous`: which schemas a job had before, ten at most, and when each was replaced.

use serde_json::{Value as Json, json};
use syncline_model::Problem;
use syncline_runner::PreviousSchema;

use crate::actions::synchronization::resolve;
use crate::actions::whole;
use crate::call::Tail;
use crate::wire::collection::Collection;
use crate::{Call, Reply};

pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let (job, known) = call.read(|reader| {
        let job = resolve::job(call, reader)?;
        let known = PreviousSchema::all(reader, &job)?;
        Ok::<_, Problem>((job, known))
    })?;
    if call.tail == Tail::Count {
        whole::count(call)?;
        return Ok(Reply::text(known.len().to_string()));
    }
    whole::list(call, known.len())?;
    let items: Vec<Json> = known
        .iter()
        .enumerate()
        .map(|(before, it)| {
            json!({
                "id": (before + 1).to_string(),
                "savedDateTime": it.saved(),
                "replacedDateTime": it.replaced(),
            })
        })
        .collect();
    let context = format!(
        "servicePrincipals('{}')/synchronization/jobs('{}')/schema/previous",
        job.service_principal, job.id
    );
    Ok(Collection::new(call, &context, items).reply())
}
