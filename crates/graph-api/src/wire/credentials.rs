//! `passwordCredentials` of applications and service principals: kept apart from the object, sealed,
//! and shown without their texts.

use serde_json::{Value as Json, json};
use syncline_access::client_secrets::{self, ClientSecret};
use syncline_model::{EntityKind, Problem};
use syncline_store::{Reader, Stored};

use super::entity_out::Object;
use crate::Call;

const NAME: &str = "passwordCredentials";

/// Fills the property in where the selection shows it.
pub fn fill(
    call: &Call<'_>,
    reader: &Reader<'_>,
    stored: &Stored,
    object: &mut Object<'_>,
) -> Result<(), Problem> {
    let has_secrets = matches!(
        stored.entry.kind,
        EntityKind::Application | EntityKind::ServicePrincipal
    );
    if has_secrets && object.shows(NAME) {
        let secrets = client_secrets::list(reader, call.tenant(), stored.entry.id)?;
        let shown: Vec<Json> = secrets
            .iter()
            .map(|it| password_credential(it, None))
            .collect();
        object.insert(NAME, shown);
    }
    Ok(())
}

/// One credential; the text only in the answer that makes it.
pub fn password_credential(secret: &ClientSecret, text: Option<&str>) -> Json {
    json!({
        "customKeyIdentifier": null,
        "displayName": secret.display_name,
        "endDateTime": secret.end.to_string(),
        "hint": secret.hint,
        "keyId": secret.key_id.to_string(),
        "secretText": text,
        "startDateTime": secret.start.to_string(),
    })
}
