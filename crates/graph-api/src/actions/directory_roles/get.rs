//! `GET /directoryRoles/{id}`, `GET /directoryRoles(roleTemplateId='…')`

use syncline_model::Problem;

use super::expanded::{EXPANDED, Members};
use super::table::{json, role, table};
use crate::list::small;
use crate::{Call, Reply};

pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    let role = role(call)?;
    small::check_expand(&call.query, EXPANDED)?;
    let mut json = json(role);
    call.read(|reader| {
        let members = Members::bind(call, reader, &call.query)?;
        members.add(call, reader, role, &mut json)
    })?;
    let mut json = small::select_expanded(&call.query, table(), json, EXPANDED)?;
    json["@odata.context"] = call.context("directoryRoles/$entity").into();
    Ok(Reply::ok(json))
}
