//! `POST /$batch`: up to twenty requests in one.

use syncline_model::Problem;

use crate::{Call, Reply, batch};

pub fn run(call: &Call<'_>) -> Result<Reply, Problem> {
    batch::run(call)
}
