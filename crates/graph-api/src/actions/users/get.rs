//! `GET /users/{id | userPrincipalName}`, `GET /me`

use syncline_model::Problem;

use crate::actions::lookup;
use crate::{Call, Reply, list};

/// Of others only what the caller's permissions show.
pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    call.read(|reader| {
        let user = lookup::user(call, reader)?;
        list::one_as_seen(call, reader, &user, "users")
    })
}
