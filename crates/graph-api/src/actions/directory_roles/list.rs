//! `GET /directoryRoles`

use syncline_model::Problem;
use syncline_odata::Rules;

use super::table::{active, json, table};
use crate::list::small;
use crate::{Call, Reply};

/// Roles that are not active are not listed.
pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let active = call.read(|reader| active(call, reader))?;
    let items = active.into_iter().map(json).collect();
    small::reply(call, "directoryRoles", table(), &Rules::directory(), items)
}
