//! `DELETE /groups/{id}/members/{memberId}` and its like: real Graph deletes the member itself here, where the
//! caller may. Whoever forgot `/$ref` did not mean that.

use syncline_model::Problem;

use crate::{Call, Reply};

pub fn refuse_delete(_call: &Call<'_>) -> Result<Reply, Problem> {
    Err(Problem::bad_request(
        "To remove a reference, send DELETE to the same URL with '/$ref' at its end.",
    ))
}
