//! `GET /policies/crossTenantAccessPolicy/partners/$count`.

use syncline_model::Problem;

use crate::{Call, Reply};

pub fn count(call: &Call<'_>) -> Result<Reply, Problem> {
    Ok(Reply::text(super::list::all(call)?.len().to_string()))
}
