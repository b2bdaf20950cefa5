//! `PATCH /oauth2PermissionGrants/{id}`: replaces the scopes.

use serde_json::Value as Json;
use syncline_access::grants;
use syncline_model::Problem;

use super::table;
use crate::actions::decisive;
use crate::{Body, Call, Reply};

pub fn update(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.body("oAuth2PermissionGrant")?;
    body.only(&[
        "id",
        "clientId",
        "consentType",
        "principalId",
        "resourceId",
        "scope",
    ])?;
    let scopes = table::scopes(body.required_text("scope")?);
    call.write(|tx, _| {
        let mut grant = table::find(call, tx)?;
        check_same(&body, &table::json(&grant))?;
        let before = std::mem::replace(&mut grant.scopes, scopes);
        decisive::check_grant(call, &grant, &before)?;
        grants::put(tx, call.tenant(), &grant)
    })?;
    Ok(Reply::no_content())
}

/// Clients that send back what they read name the rest, which is no change as long as it is the same.
fn check_same(body: &Body, stored: &Json) -> Result<(), Problem> {
    for (name, value) in stored.as_object().into_iter().flatten() {
        let same = body.member(name).is_none_or(|sent| sent == value);
        if !same && name != "scope" {
            let message = format!(
                "Property '{name}' of a permission grant cannot be changed. Make another grant."
            );
            return Err(Problem::bad_request(message.clone()).with_detail(
                "PropertyReadOnly",
                message,
                Some(name),
            ));
        }
    }
    Ok(())
}
