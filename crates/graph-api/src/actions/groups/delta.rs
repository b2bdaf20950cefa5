//! `GET /groups/delta`

use syncline_model::{EntityKind, Problem};

use crate::{Call, Reply, delta};

pub fn delta(call: &Call<'_>) -> Result<Reply, Problem> {
    delta::reply(call, EntityKind::Group)
}
