//! `DELETE …/jobs/{jobId}/schema`: back to the template's default.

use syncline_model::Problem;
use syncline_runner::StoredSchema;

use crate::actions::synchronization::resolve;
use crate::{Call, Reply};

pub fn delete(call: &Call<'_>) -> Result<Reply, Problem> {
    call.write(|tx, context| {
        let job = resolve::job(call, tx)?;
        let before = StoredSchema::load(tx, &job)?;
        // The rule keeps its id: scripts hold on to it.
        let rule = before
            .synchronization_rules
            .first()
            .and_then(|rule| rule.id.parse().ok());
        let rule = rule.unwrap_or_else(|| context.ids.random_uuid());
        StoredSchema::store(
            tx,
            &job,
            syncline_engine::template::azure2azure(job.id.as_str(), rule),
        )
    })?;
    Ok(Reply::no_content())
}
