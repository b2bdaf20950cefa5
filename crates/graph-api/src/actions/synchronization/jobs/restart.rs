//! `POST …/synchronization/jobs/{jobId}/restart`.

use syncline_model::{Problem, ResetScope};

use crate::actions::synchronization::resolve;
use crate::{Call, Reply};

pub fn restart(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.optional_body("")?;
    // Some send the members of `criteria` without it around them.
    let criteria = match body.object("criteria")? {
        None if body.has("resetScope") => Some(body),
        criteria => {
            body.only(&["criteria"])?;
            criteria
        }
    };
    let text = match &criteria {
        Some(criteria) => {
            criteria.only(&["resetScope"])?;
            criteria.text("resetScope")?.unwrap_or_default()
        }
        None => "",
    };
    let scope = ResetScope::parse(text).map_err(|word| {
        Problem::bad_request(format!(
            "'{word}' is not a reset scope. Known: None, {}.",
            ResetScope::words()
        ))
    })?;
    let job = call.read(|reader| resolve::job(call, reader))?;
    let (runner, tenant) = (&call.api.runner, call.tenant());
    let mut slice = scope.escrows.then_some(None);
    while let Some(after) = slice {
        let next = call.write(|tx, _| runner.reset_escrows_in(tx, tenant, &job.id, after))?;
        slice = next.map(Some);
    }
    call.write(|tx, _| runner.restart_in(tx, tenant, &job.id, scope))?;
    Ok(Reply::no_content())
}
