//! `GET /organization`: a collection of exactly one.

use syncline_model::Problem;
use syncline_odata::Rules;

use super::table::{TABLE, json};
use crate::list::small;
use crate::{Call, Reply};

pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let items = call.read(|reader| Ok(reader.tenant(call.tenant())?.iter().map(json).collect()))?;
    small::reply(call, "organization", &TABLE, &Rules::directory(), items)
}
