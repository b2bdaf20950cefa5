//! `GET /groups`, `GET /groups/$count`

use syncline_model::{EntityKind, Problem};

use crate::list::List;
use crate::{Call, Reply};

pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    call.read(|reader| List::objects(EntityKind::Group).reply(call, reader))
}
