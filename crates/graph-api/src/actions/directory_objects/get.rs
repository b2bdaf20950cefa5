//! `GET /directoryObjects/{id}`

use syncline_model::Problem;
use syncline_store::ObjectState;

use crate::{Call, Reply, list};

pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    let id = call.object_id("id")?;
    call.read(|reader| {
        let found = reader
            .object(call.tenant(), id)?
            .filter(|it| it.state == ObjectState::Live);
        list::one_typed(call, reader, &found.ok_or_else(|| Problem::not_found(id))?)
    })
}
