//! `GET /applicationTemplates`, `GET /applicationTemplates/$count`

use syncline_directory::applications;
use syncline_model::Problem;

use super::table::{TABLE, json, rules};
use crate::list::small;
use crate::{Call, Reply};

pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let items = applications::templates().iter().map(json).collect();
    small::reply(call, "applicationTemplates", &TABLE, &rules(), items)
}
