//! `DELETE …/synchronization/jobs/{jobId}`.

use syncline_model::Problem;

use crate::actions::synchronization::resolve;
use crate::{Call, Reply};

pub fn delete(call: &Call<'_>) -> Result<Reply, Problem> {
    let job = call.read(|reader| resolve::job(call, reader))?;
    call.api.runner.delete_job(call.tenant(), &job.id)?;
    Ok(Reply::no_content())
}
