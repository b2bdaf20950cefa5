//! `GET /directoryRoles`

use syncline_access::DirectoryRole;
use syncline_model::Problem;
use syncline_odata::Rules;

use super::table::{TABLE, assignments, json};
use crate::list::small;
use crate::{Call, Reply};

/// Roles that nobody holds are not activated and not listed.
pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let held = call.read(|reader| assignments(call, reader))?;
    let is_held = |role: &&DirectoryRole| held.iter().any(|it| it.role == **role);
    let items = DirectoryRole::ALL
        .iter()
        .filter(is_held)
        .map(|role| json(*role))
        .collect();
    small::reply(call, "directoryRoles", &TABLE, &Rules::directory(), items)
}
