//! `GET /directoryRoles/{id}`, `GET /directoryRoles(roleTemplateId='…')`

use syncline_model::Problem;

use super::table::{json, role, table};
use crate::list::small;
use crate::{Call, Reply};

pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    let mut json = small::select(&call.query, table(), json(role(call)?))?;
    json["@odata.context"] = call.context("directoryRoles/$entity").into();
    Ok(Reply::ok(json))
}
