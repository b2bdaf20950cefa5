//! `GET …/synchronization/jobs/$count`.

use syncline_model::Problem;

use crate::{Call, Reply};

pub fn count(call: &Call<'_>) -> Result<Reply, Problem> {
    let (_, jobs) = call.read(|reader| super::list::all(call, reader))?;
    Ok(Reply::text(jobs.len().to_string()))
}
