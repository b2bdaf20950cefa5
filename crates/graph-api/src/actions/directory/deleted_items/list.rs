//! `GET /directory/deletedItems/{cast}`, `…/{cast}/$count`

use syncline_directory::deleted_items;
use syncline_model::Problem;

use super::permission;
use crate::actions::cast;
use crate::list::{Batch, FULL, List};
use crate::wire::collection::Collection;
use crate::{Call, Reply};

pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let Some(kind) = cast::kind(call)? else {
        // Devices and the like: there are none.
        call.authorize(&syncline_access::permissions::DELETED_ITEMS_READ)?;
        return Ok(Collection::empty(call, "directoryObjects").reply());
    };
    call.authorize(permission::to_read(kind))?;
    call.read(|reader| {
        let rows = |after, limit| {
            let limit = reader.recycled_fitting(call.tenant(), kind, after, limit, FULL)?;
            let rows = deleted_items::list(reader, call.tenant(), kind, after, limit)?;
            Ok(Batch::full(rows, limit))
        };
        List::deleted(kind, &rows).reply(call, reader)
    })
}

/// `GET /directory/deletedItems`: the cast is mandatory, as in Graph.
pub fn without_cast(_call: &Call<'_>) -> Result<Reply, Problem> {
    Err(Problem::bad_request(
        "The type of the deleted objects must be in the URL, e.g. /directory/deletedItems/microsoft.graph.user.",
    ))
}
