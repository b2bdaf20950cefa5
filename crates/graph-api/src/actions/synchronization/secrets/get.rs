//! `GET …/synchronization/secrets`: exactly the keys that were set (Terraform counts them), secret
//! values as `*`.

use serde_json::{Value as Json, json};
use syncline_model::Problem;
use syncline_runner::Secrets;

use super::keys;
use crate::actions::synchronization::resolve;
use crate::actions::whole;
use crate::wire::collection::Collection;
use crate::{Call, Reply};

pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    let (id, secrets) = load(call)?;
    whole::list(call, secrets.values.len())?;
    let items: Vec<Json> = secrets
        .values
        .iter()
        .map(|(key, value)| json!({ "key": key, "value": if keys::is_secret(key) { "*" } else { value.as_str() } }))
        .collect();
    Ok(Collection::new(
        call,
        &format!("servicePrincipals('{id}')/synchronization/secrets"),
        items,
    )
    .reply())
}

pub(super) fn load(call: &Call<'_>) -> Result<(syncline_model::ObjectId, Secrets), Problem> {
    call.read(|reader| {
        let id = resolve::configuration(call, reader)?.service_principal;
        Ok((id, Secrets::load(reader, call.tenant(), id)?))
    })
}
