//! `GET /organization/{tenantId}`

use syncline_model::Problem;

use super::table::{TABLE, json};
use crate::list::small;
use crate::{Call, Reply};

/// Another tenant's id does not exist here.
pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    let id = call.key("id")?.value();
    let own = call.read(|reader| Ok(reader.tenant(call.tenant())?))?;
    let tenant = own
        .filter(|it| it.id.to_string().eq_ignore_ascii_case(id))
        .ok_or_else(|| Problem::not_found(id))?;
    let mut json = small::select(&call.query, &TABLE, json(&tenant))?;
    json["@odata.context"] = call.context("organization/$entity").into();
    Ok(Reply::ok(json))
}
