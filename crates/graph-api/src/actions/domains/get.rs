//! `GET /domains/{name}`

use syncline_model::Problem;

use super::table::{TABLE, json};
use crate::list::small;
use crate::{Call, Reply};

pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    let name = call.key("id")?.value();
    let tenant = call.read(|reader| Ok(reader.tenant(call.tenant())?))?;
    let domain = tenant
        .iter()
        .flat_map(|it| &it.domains)
        .find(|it| it.name.eq_ignore_ascii_case(name));
    let mut json = small::select(
        &call.query,
        &TABLE,
        json(domain.ok_or_else(|| Problem::not_found(name))?),
    )?;
    json["@odata.context"] = call.context("domains/$entity").into();
    Ok(Reply::ok(json))
}
