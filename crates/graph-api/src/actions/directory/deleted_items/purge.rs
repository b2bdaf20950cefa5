//! `DELETE /directory/deletedItems/{id}`: for good.

use syncline_directory::{deleted_items, extension_properties};
use syncline_model::Problem;
use syncline_runner::Runner;

use super::permission;
use crate::{Call, Reply};

pub fn purge(call: &Call<'_>) -> Result<Reply, Problem> {
    let id = call.object_id("id")?;
    let concerned = call.read(|reader| {
        // Whoever may not do it must not make others work, or wait.
        let found = deleted_items::find(reader, call.tenant(), id)?;
        permission::check_write(call, reader, &found)?;
        // Only applications have extensions.
        let names = extension_properties::names(reader, call.tenant(), id)?;
        Runner::concerned_by_extensions(reader, call.tenant(), &names)
    })?;
    call.write(|tx, context| {
        Runner::extensions_changed(tx, call.tenant(), &concerned)?;
        let found = deleted_items::find(tx, call.tenant(), id)?;
        permission::check_write(call, tx, &found)?;
        deleted_items::purge(tx, context, id)
    })?;
    Ok(Reply::no_content())
}
