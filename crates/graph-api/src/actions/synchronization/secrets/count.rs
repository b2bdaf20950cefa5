//! `GET …/synchronization/secrets/$count`.

use syncline_model::Problem;

use crate::actions::whole;
use crate::{Call, Reply};

pub fn count(call: &Call<'_>) -> Result<Reply, Problem> {
    whole::count(call)?;
    Ok(Reply::text(
        super::get::load(call)?.1.values.len().to_string(),
    ))
}
