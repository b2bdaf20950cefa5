//! `GET /directoryRoleTemplates/{id}`

use syncline_access::DirectoryRole;
use syncline_model::Problem;

use super::table::{TABLE, json};
use crate::list::small;
use crate::{Call, Reply};

pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    let text = call.key("id")?.value();
    let id = text.parse().map_err(|_| Problem::not_found(text))?;
    let role = DirectoryRole::from_template(id).ok_or_else(|| Problem::not_found(text))?;
    let mut json = small::select(&call.query, &TABLE, json(role))?;
    json["@odata.context"] = call.context("directoryRoleTemplates/$entity").into();
    Ok(Reply::ok(json))
}
