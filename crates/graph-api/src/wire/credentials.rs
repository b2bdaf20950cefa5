//! `passwordCredentials` of applications and service principals, and the `passwordProfile` of users: kept
//! apart from the object, sealed, and shown without their texts. And `keyCredentials`, shown without private keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};
use syncline_access::client_secrets::{self, ClientSecret};
use syncline_access::{certificates, passwords, permissions};
use syncline_model::{Attr, EntityKind, Problem, Value};
use syncline_store::{Reader, Stored};

use super::complex;
use super::entity_out::Object;
use crate::Call;

const NAME: &str = "passwordCredentials";
const PROFILE: &str = "passwordProfile";

/// Fills the properties in where the selection shows it.
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
    if stored.entry.kind == EntityKind::User && object.shows(PROFILE) {
        // Temporary passwords are easily guessed: who still has one is for those who give them.
        let asked = match call.holds(&permissions::USERS_WRITE) {
            true => passwords::is_to_be_changed(reader, call.tenant(), stored.entry.id)?,
            false => None,
        };
        // Nothing stands in the object itself: without a profile it is shown, or left out, as one without a value.
        if let Some(to_be_changed) = asked {
            object.insert(PROFILE, password_profile(to_be_changed));
        }
    }
    Ok(())
}

/// Certificates as they are shown: their keys to whoever asks for them by name, of one object, as in Graph.
pub fn key_credentials(stored: &[Value], with_keys: bool) -> Json {
    let Some(table) = syncline_model::schema::complex::of(Attr::KEY_CREDENTIALS) else {
        return Json::Null;
    };
    let shown = stored.iter().map(|credential| {
        let mut json = complex::json(table, Some(credential));
        let key = if with_keys {
            certificates::shown(credential)
        } else {
            None
        };
        json["key"] = key.map_or(Json::Null, |der| STANDARD.encode(der).into());
        json
    });
    shown.collect()
}

/// What is told of a user's password.
fn password_profile(to_be_changed: bool) -> Json {
    json!({
        "forceChangePasswordNextSignIn": to_be_changed,
        "forceChangePasswordNextSignInWithMfa": false,
        "password": null,
    })
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
