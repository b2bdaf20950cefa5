//! `GET /domains`

use syncline_model::Problem;
use syncline_odata::Rules;

use super::table::{TABLE, json};
use crate::list::small;
use crate::{Call, Reply};

pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let tenant = call.read(|reader| Ok(reader.tenant(call.tenant())?))?;
    let items = tenant.iter().flat_map(|it| &it.domains).map(json).collect();
    small::reply(call, "domains", &TABLE, &Rules::directory(), items)
}
