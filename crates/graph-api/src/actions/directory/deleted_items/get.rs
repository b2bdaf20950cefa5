//! `GET /directory/deletedItems/{id}`

use syncline_directory::deleted_items;
use syncline_model::Problem;

use super::permission;
use crate::{Call, Reply, list};

pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    call.read(|reader| {
        let found = deleted_items::find(reader, call.tenant(), call.object_id("id")?)?;
        call.authorize(permission::to_read(found.entry.kind))?;
        list::one_typed(call, reader, &found)
    })
}
