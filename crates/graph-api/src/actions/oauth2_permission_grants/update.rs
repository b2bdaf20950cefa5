//! `PATCH /oauth2PermissionGrants/{id}`: replaces the scopes.

use syncline_access::grants;
use syncline_model::Problem;

use super::table;
use crate::{Call, Reply};

pub fn update(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.body("oAuth2PermissionGrant")?;
    body.only(&["scope"])?;
    let scopes = table::scopes(body.required_text("scope")?);
    call.write(|tx, _| {
        let mut grant = table::find(call, tx)?;
        grant.scopes = scopes;
        grants::put(tx, call.tenant(), &grant)
    })?;
    Ok(Reply::no_content())
}
