//! `POST …/addPassword`, `POST …/removePassword` of applications and service principals.

use serde_json::Value as Json;
use syncline_access::client_secrets;
use syncline_model::{ObjectId, Problem, Timestamp};
use syncline_store::{Reader, Stored, Tx};

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

/// This answer, and that of an application that is made with a secret, are the only ones that ever show its text.
fn add(call: &Call<'_>, find: Find) -> Result<Reply, Problem> {
    let body = call.optional_body("")?;
    body.only(&["passwordCredential"])?;
    let credential = body.object("passwordCredential")?.unwrap_or_default();
    let password = NewPassword::read(call, &credential)?;
    decisive::look_into_bin(call, |reader| find(call, reader))?;
    let mut json = call.write(|tx, _| {
        let holder = find(call, tx)?;
        well_known::check(&holder)?;
        decisive::check(call, tx, &holder)?;
        password.make(call, tx, holder.entry.id)
    })?;
    json["@odata.context"] = Json::String(call.context("microsoft.graph.passwordCredential"));
    Ok(Reply::ok(json))
}

/// A secret that is asked for.
#[derive(Debug)]
pub struct NewPassword {
    name: Option<String>,
    start: Timestamp,
    /// None: as [`client_secrets::default_end`] says.
    end: Option<Timestamp>,
}

impl NewPassword {
    /// Takes the secret with which an application is to be made out of the body, where there is one.
    ///
    /// # Errors
    /// 400 for several of them, and for one that `addPassword` would refuse.
    pub fn take(call: &Call<'_>, body: &mut Body) -> Result<Option<Self>, Problem> {
        const NAME: &str = "passwordCredentials";
        let asked = body.objects(NAME)?.unwrap_or_default();
        body.remove(NAME);
        match &asked[..] {
            [] => Ok(None),
            [one] => Self::read(call, one).map(Some),
            _ => Err(Problem::bad_request(
                "An application is made with one passwordCredential at most. Add the others to it (addPassword).",
            )),
        }
    }

    /// # Errors
    /// 400 for what the server makes by itself, and for a secret that would be good no more.
    fn read(call: &Call<'_>, credential: &Body) -> Result<Self, Problem> {
        check_members(credential)?;
        let name = credential.text("displayName")?.map(str::to_owned);
        let start = credential.time("startDateTime")?.unwrap_or(call.now);
        let end = credential.time("endDateTime")?;
        if end.is_some_and(|end| end <= start || end <= call.now) {
            return Err(credential.invalid("endDateTime"));
        }
        // A start of long ago, and the end that it gives: nobody is handed a secret that is good no more.
        if end.is_none() && client_secrets::default_end(start) <= call.now {
            return Err(credential.invalid("startDateTime"));
        }
        Ok(Self { name, start, end })
    }

    /// The `passwordCredential` that is made, with its text.
    pub fn make(self, call: &Call<'_>, tx: &mut Tx<'_>, holder: ObjectId) -> Result<Json, Problem> {
        let Self { name, start, end } = self;
        let (tenant, ids) = (call.tenant(), call.api.ids.as_ref());
        let (key_id, text) =
            client_secrets::add(tx, tenant, holder, ids, start, name.as_deref(), end)?;
        let made = client_secrets::list(tx, tenant, holder)?
            .into_iter()
            .find(|it| it.key_id == key_id);
        made.map(|it| password_credential(&it, Some(&text)))
            .ok_or_else(|| Problem::internal("the secret is gone"))
    }
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
    decisive::look_into_bin(call, |reader| find(call, reader))?;
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
