//! `GET …/synchronization/jobs/$count`.

use syncline_model::Problem;

use crate::{Call, Reply};

pub fn count(call: &Call<'_>) -> Result<Reply, Problem> {
    Ok(Reply::text(super::list::all(call)?.1.len().to_string()))
}
