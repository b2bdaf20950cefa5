//! `GET …/synchronization/jobs/{jobId}`.

use syncline_model::Problem;

use super::entity;
use crate::actions::synchronization::resolve;
use crate::{Call, Reply};

pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    let job = call.read(|reader| resolve::job(call, reader))?;
    Ok(Reply::ok(entity(call, job.service_principal, &job)))
}
