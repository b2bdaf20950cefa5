//! `GET /oauth2PermissionGrants/{id}`

use syncline_model::Problem;

use super::table;
use crate::{Call, Reply};

pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    let grant = call.read(|reader| table::find(call, reader))?;
    Ok(table::entity(call, &grant, Reply::ok))
}
