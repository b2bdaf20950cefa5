//! `DELETE …/jobs/{jobId}/schema`: back to the template's default.

use syncline_engine::template::azure2azure;
use syncline_model::Problem;
use syncline_runner::StoredSchema;

use crate::actions::synchronization::resolve;
use crate::{Call, Reply};

pub fn delete(call: &Call<'_>) -> Result<Reply, Problem> {
    call.write(|tx, context| {
        let job = resolve::job(call, tx)?;
        let before = StoredSchema::load(tx, &job)?;
        super::check_tag(call, &before)?;
        // The rule keeps its id: scripts hold on to it.
        let rule = before
            .synchronization_rules
            .first()
            .and_then(|rule| rule.id.parse().ok());
        let rule = rule.unwrap_or_else(|| context.ids.random_uuid());
        let mut schema = azure2azure(job.id.as_str(), rule);
        StoredSchema::stamp(&mut schema, call.now, context.ids);
        StoredSchema::store(tx, &job, schema)
    })?;
    Ok(Reply::no_content())
}
