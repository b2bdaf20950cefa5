//! `PATCH …/synchronization/jobs/{jobId}`: interval and job settings.

use syncline_model::Problem;

use super::changes::Changes;
use crate::actions::synchronization::resolve;
use crate::{Call, Reply};

pub fn update(call: &Call<'_>) -> Result<Reply, Problem> {
    let changes = Changes::read(&call.body("synchronizationJob")?)?;
    call.write(|tx, _| {
        let mut job = resolve::job(call, tx)?;
        changes.apply(&mut job, call.now)?;
        Ok(tx.update_job(&job)?)
    })?;
    Ok(Reply::no_content())
}
