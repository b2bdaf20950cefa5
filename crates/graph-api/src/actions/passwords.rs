//! `POST …/addPassword`, `POST …/removePassword` of applications and service principals.

use serde_json::Value as Json;
use syncline_access::client_secrets;
use syncline_model::Problem;
use syncline_store::{Reader, Stored};

use super::{decisive, lookup, well_known};
use crate::wire::credentials::password_credential;
use crate::{Body, Call, Reply};

type Find = fn(&Call<'_>, &Reader<'_>) -> Result<Stored, Problem>;

/// `POST /applications/{id}/addPassword`
pub fn add_to_application(call: &Call<'_>) -> Result<Reply, Problem> {
    add(call, lookup::application)
}

/// `POST /servicePrincipals/{id}/addPassword`
pub fn add_to_service_principal(call: &Call<'_>) -> Result<Reply, Problem> {
    add(call, lookup::service_principal)
}

/// `POST /applications/{id}/removePassword`
pub fn remove_from_application(call: &Call<'_>) -> Result<Reply, Problem> {
    remove(call, lookup::application)
}

/// `POST /servicePrincipals/{id}/removePassword`
pub fn remove_from_service_principal(call: &Call<'_>) -> Result<Reply, Problem> {
    remove(call, lookup::service_principal)
}

/// The only answer that ever shows the text of a secret.
fn add(call: &Call<'_>, find: Find) -> Result<Reply, Problem> {
    let body = call.optional_body("")?;
    body.only(&["passwordCredential"])?;
    let credential = body.object("passwordCredential")?.unwrap_or_default();
    check_members(&credential)?;
    let name = credential.text("displayName")?;
    let start = credential.time("startDateTime")?.unwrap_or(call.now);
    let end = credential.time("endDateTime")?;
    if end.is_some_and(|end| end <= start || end <= call.now) {
        return Err(credential.invalid("endDateTime"));
    }
    // A start of long ago, and the end that it gives: nobody is handed a secret that is good no more.
    if end.is_none() && client_secrets::default_end(start) <= call.now {
        return Err(credential.invalid("startDateTime"));
    }
    let mut json = call.write(|tx, _| {
        let holder = find(call, tx)?;
        well_known::check(&holder)?;
        decisive::check(call, tx, &holder)?;
        let id = holder.entry.id;
        let ids = call.api.ids.as_ref();
        let (key_id, text) = client_secrets::add(tx, call.tenant(), id, ids, start, name, end)?;
        let made = client_secrets::list(tx, call.tenant(), id)?
            .into_iter()
            .find(|it| it.key_id == key_id);
        made.map(|it| password_credential(&it, Some(&text)))
            .ok_or_else(|| Problem::internal("the secret is gone"))
    })?;
    json["@odata.context"] = Json::String(call.context("microsoft.graph.passwordCredential"));
    Ok(Reply::ok(json))
}

/// What the server makes by itself may be named without a value, as typed clients do.
fn check_members(credential: &Body) -> Result<(), Problem> {
    const MADE: [&str; 4] = ["customKeyIdentifier", "hint", "keyId", "secretText"];
    if let Some(name) = MADE
        .into_iter()
        .find(|name| credential.value(name).is_some())
    {
        let message = format!(
            "Property '{name}' is read-only and cannot be set: the server makes it. Leave it out."
        );
        return Err(Problem::bad_request(message.clone()).with_detail(
            "PropertyReadOnly",
            message,
            Some(name),
        ));
    }
    let known = ["displayName", "endDateTime", "startDateTime"];
    credential.only(&[&known[..], &MADE].concat())
}

fn remove(call: &Call<'_>, find: Find) -> Result<Reply, Problem> {
    let body = call.body("")?;
    body.only(&["keyId"])?;
    let key_id = body.required_guid("keyId")?;
    call.write(|tx, _| {
        let holder = find(call, tx)?;
        decisive::check(call, tx, &holder)?;
        let id = holder.entry.id;
        if client_secrets::remove(tx, call.tenant(), id, key_id)? {
            return Ok(());
        }
        let message = format!("No password credential found with keyId '{key_id}'.");
        Err(Problem::bad_request(message))
    })?;
    Ok(Reply::no_content())
}
