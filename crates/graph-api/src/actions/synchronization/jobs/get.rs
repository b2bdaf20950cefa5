//! `GET …/synchronization/jobs/{jobId}`; `$expand=schema`.

use syncline_model::Problem;

use super::entity;
use crate::actions::synchronization::options::Shown;
use crate::actions::synchronization::resolve;
use crate::{Call, Reply};

pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    let shown = Shown::one(call, &super::RESOURCE)?;
    call.read(|reader| {
        let job = resolve::job(call, reader)?;
        Ok(Reply::ok(entity(call, reader, &job, &shown)?))
    })
}
