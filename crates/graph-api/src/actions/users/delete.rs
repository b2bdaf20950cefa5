//! `DELETE /users/{id | userPrincipalName}`: into the recycle bin.

use syncline_directory::users;
use syncline_model::Problem;

use super::privileged;
use crate::actions::lookup;
use crate::{Call, Reply};

pub fn delete(call: &Call<'_>) -> Result<Reply, Problem> {
    call.write(|tx, context| {
        let user = lookup::user(call, tx)?.entry.id;
        privileged::check_delete(call, tx, user)?;
        users::delete(tx, context, user)
    })?;
    Ok(Reply::no_content())
}
