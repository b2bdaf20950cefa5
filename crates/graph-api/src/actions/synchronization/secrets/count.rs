//! `GET …/synchronization/secrets/$count`.

use syncline_model::Problem;

use crate::{Call, Reply};

pub fn count(call: &Call<'_>) -> Result<Reply, Problem> {
    Ok(Reply::text(
        super::get::load(call)?.1.values.len().to_string(),
    ))
}
