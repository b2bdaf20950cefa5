//! `GET /users/{id | userPrincipalName}`, `GET /me`

use syncline_access::permissions;
use syncline_model::Problem;

use crate::actions::lookup;
use crate::{Call, Reply, list};

pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    call.read(|reader| {
        // Everybody may read himself with `User.Read`; whether a name is his own is known only after
        // the look-up, so a stranger's 404 and 403 must not tell names apart: ask first.
        let own = call
            .signed_in_user()
            .filter(|user| names(call, &user.to_string()));
        match own {
            Some(_) => call.authorize(&permissions::ME)?,
            None => authorize_others(call, reader)?,
        }
        let user = lookup::user(call, reader)?;
        list::one(call, reader, &user, "users")
    })
}

fn authorize_others(call: &Call<'_>, reader: &syncline_store::Reader<'_>) -> Result<(), Problem> {
    let refused = match call.authorize(&permissions::USERS_READ) {
        Ok(()) => return Ok(()),
        Err(refused) => refused,
    };
    // By his own userPrincipalName, too.
    match lookup::user(call, reader) {
        Ok(found) if Some(found.entry.id) == call.signed_in_user() => {
            call.authorize(&permissions::ME)
        }
        _ => Err(refused),
    }
}

fn names(call: &Call<'_>, id: &str) -> bool {
    call.captures
        .id("id")
        .is_some_and(|it| it.eq_ignore_ascii_case(id))
}
