//! `POST …/synchronization/jobs/{jobId}/start`.

use syncline_model::Problem;

use crate::actions::synchronization::resolve;
use crate::{Call, Reply};

pub fn start(call: &Call<'_>) -> Result<Reply, Problem> {
    let job = call.read(|reader| resolve::job(call, reader))?;
    call.write(|tx, _| call.api.runner.start_in(tx, call.tenant(), &job.id))?;
    Ok(Reply::no_content())
}
