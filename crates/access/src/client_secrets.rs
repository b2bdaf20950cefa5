//! Client secrets of applications and service principals: only fingerprints are kept.

use serde::{Deserialize, Serialize};
use syncline_model::{Ids, ObjectId, Problem, TenantId, Timestamp};
use syncline_store::{Document, Reader, Result, Tx, object_documents};
use uuid::Uuid;

use crate::secrets;

/// One client secret, without its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientSecret {
    pub key_id: Uuid,
    pub display_name: Option<String>,
    /// The first three characters of the text, by which its owner recognizes it.
    pub hint: String,
    pub start: Timestamp,
    pub end: Timestamp,
    fingerprint: String,
}

/// All secrets of one application or service principal. Key: its object id.
#[derive(Default, Serialize, Deserialize)]
struct ClientSecrets(Vec<ClientSecret>);

impl Document for ClientSecrets {
    const KIND: &'static str = object_documents::CLIENT_SECRETS;
    const SEALED: bool = true;
}

/// How long a secret lives when its maker does not say: two years, as in Graph.
const DEFAULT_LIFETIME_SECONDS: i64 = 2 * 365 * 24 * 3600;

/// All of them are unsealed whenever somebody who need not be known presents one.
const MOST_SECRETS: usize = 50;
/// In characters.
const LONGEST_NAME: usize = 256;

/// What a presented secret turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presented {
    Valid,
    /// Its start lies ahead.
    NotYet,
    Expired,
    Unknown,
}

/// When a secret ends whose maker does not say: two years after its start.
#[must_use]
pub fn default_end(start: Timestamp) -> Timestamp {
    start.plus_seconds(DEFAULT_LIFETIME_SECONDS)
}

/// Makes a secret that is good from `start` until `end` (two years, where none is given). The text is
/// returned this once and never again.
///
/// # Errors
/// 400 for a name of more than 256 characters, for an end that is not after the start, and where
/// there are 50 secrets already.
pub fn add(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    app: ObjectId,
    ids: &dyn Ids,
    start: Timestamp,
    display_name: Option<&str>,
    end: Option<Timestamp>,
) -> std::result::Result<(Uuid, String), Problem> {
    if display_name.is_some_and(|name| name.chars().count() > LONGEST_NAME) {
        return Err(Problem::invalid_value("displayName", "PasswordCredential"));
    }
    let end = end.unwrap_or_else(|| default_end(start));
    if end <= start {
        return Err(Problem::invalid_value("endDateTime", "PasswordCredential"));
    }
    let mut all = load(tx, tenant, app)?;
    if all.0.len() >= MOST_SECRETS {
        return Err(Problem::bad_request(format!(
            "There are {MOST_SECRETS} passwordCredentials already, which is the most. Remove those that expired or are not used (removePassword)."
        )));
    }
    let text = secrets::generate(ids);
    let secret = ClientSecret {
        key_id: ids.random_uuid(),
        display_name: display_name.map(str::to_owned),
        hint: text.chars().take(3).collect(),
        start,
        end,
        fingerprint: secrets::fingerprint(&text),
    };
    let key_id = secret.key_id;
    all.0.push(secret);
    tx.put_document(Some(tenant), &app.to_string(), &all, None)?;
    Ok((key_id, text))
}

/// Removes a secret; false when there is none with this id.
pub fn remove(tx: &mut Tx<'_>, tenant: TenantId, app: ObjectId, key_id: Uuid) -> Result<bool> {
    let mut all = load(tx, tenant, app)?;
    let before = all.0.len();
    all.0.retain(|secret| secret.key_id != key_id);
    if all.0.len() == before {
        return Ok(false);
    }
    tx.put_document(Some(tenant), &app.to_string(), &all, None)?;
    Ok(true)
}

/// The secrets of an application or service principal, oldest first.
pub fn list(reader: &Reader<'_>, tenant: TenantId, app: ObjectId) -> Result<Vec<ClientSecret>> {
    Ok(load(reader, tenant, app)?.0)
}

/// Judges a presented text.
pub(crate) fn present(
    reader: &Reader<'_>,
    tenant: TenantId,
    app: ObjectId,
    text: &str,
    now: Timestamp,
) -> Result<Presented> {
    let mut found = Presented::Unknown;
    for secret in load(reader, tenant, app)?.0 {
        if secrets::matches(text, &secret.fingerprint) {
            found = if now < secret.start {
                Presented::NotYet
            } else if now < secret.end {
                Presented::Valid
            } else {
                Presented::Expired
            };
        }
    }
    Ok(found)
}

fn load(reader: &Reader<'_>, tenant: TenantId, app: ObjectId) -> Result<ClientSecrets> {
    Ok(reader
        .document(Some(tenant), &app.to_string())?
        .unwrap_or_default())
}
