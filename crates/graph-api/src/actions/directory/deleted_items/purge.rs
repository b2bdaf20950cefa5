//! `DELETE /directory/deletedItems/{id}`: for good.

use syncline_directory::deleted_items;
use syncline_model::Problem;

use super::permission;
use crate::actions::decisive;
use crate::{Call, Reply};

pub fn purge(call: &Call<'_>) -> Result<Reply, Problem> {
    let id = call.object_id("id")?;
    decisive::look_into_bin(call, |reader| {
        deleted_items::find(reader, call.tenant(), id)
    })?;
    call.write(|tx, context| {
        let found = deleted_items::find(tx, call.tenant(), id)?;
        permission::check_write(call, tx, &found)?;
        deleted_items::purge(tx, context, id)
    })?;
    Ok(Reply::no_content())
}
