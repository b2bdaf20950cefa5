//! `DELETE /groups/{id}`: into the recycle bin.

use syncline_directory::groups;
use syncline_model::Problem;

use super::role_assignable;
use crate::actions::lookup;
use crate::{Call, Reply};

pub fn delete(call: &Call<'_>) -> Result<Reply, Problem> {
    call.write(|tx, context| {
        let group = lookup::group(call, tx)?;
        role_assignable::check(call, &group)?;
        groups::delete(tx, context, group.entry.id)
    })?;
    Ok(Reply::no_content())
}
