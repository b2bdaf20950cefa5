//! `GET /applicationTemplates/{id}`

use syncline_directory::applications;
use syncline_model::Problem;

use super::table::{TABLE, json};
use crate::list::small;
use crate::{Call, Reply};

pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    let template = applications::template(call.key("id")?.value())?;
    let mut json = small::select(&call.query, &TABLE, json(template))?;
    json["@odata.context"] = call.context("applicationTemplates/$entity").into();
    Ok(Reply::ok(json))
}
