//! `GET /directoryRoleTemplates`

use syncline_access::DirectoryRole;
use syncline_model::Problem;
use syncline_odata::Rules;

use super::table::{TABLE, json};
use crate::list::small;
use crate::{Call, Reply};

const SET: &str = "directoryRoleTemplates";

pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let items = DirectoryRole::ALL.iter().copied().map(json).collect();
    small::reply(call, SET, &TABLE, &Rules::directory(), items)
}
