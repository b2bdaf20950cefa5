//! `GET /directoryObjects/{id}`

use syncline_model::Problem;

use crate::actions::lookup;
use crate::{Call, Reply, list};

pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    call.read(|reader| list::one_typed(call, reader, &lookup::object(call, reader)?))
}
