//! `DELETE …/synchronization/jobs/{jobId}`.

use syncline_model::Problem;
use syncline_runner::Runner;

use crate::actions::synchronization::resolve;
use crate::{Call, Reply};

pub fn delete(call: &Call<'_>) -> Result<Reply, Problem> {
    let job = call.read(|reader| resolve::job(call, reader))?;
    call.write(|tx, _| Runner::delete_job_in(tx, call.tenant(), &job.id))?;
    call.api.runner.forget(std::slice::from_ref(&job.id));
    Ok(Reply::no_content())
}
