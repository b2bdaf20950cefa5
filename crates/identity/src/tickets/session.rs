//! A browser's sign-in.

use serde::{Deserialize, Serialize};
use syncline_access::{Refusal, SignedIn, enabled_user, passwords, secrets};
use syncline_model::{Attr, ObjectId, TenantId, Timestamp, Value};
use syncline_store::{Document, Reader};

use super::SWEPT_WITH_EACH_NEW;
use crate::Identity;

/// Key: fingerprint of the cookie.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) tenant: TenantId,
    pub(crate) user: ObjectId,
    pub(crate) signed_in_at: Timestamp,
    /// A new password ends the session.
    pub(crate) password_generation: String,
    expires_at: Timestamp,
}

impl Document for Session {
    const KIND: &'static str = "session";
}

/// Begins a session; returns the cookie's value.
pub(crate) fn begin(identity: &Identity, who: SignedIn) -> Result<(String, Session), Refusal> {
    let now = identity.clock.now();
    let secret = secrets::generate(identity.ids.as_ref());
    identity.store.write(|tx| {
        let session = Session {
            tenant: who.tenant,
            user: who.user,
            signed_in_at: now,
            password_generation: passwords::generation(tx, who.tenant, who.user)?,
            expires_at: now.plus_seconds(identity.settings.session_lifetime_seconds),
        };
        tx.put_document(
            None,
            &secrets::fingerprint(&secret),
            &session,
            Some(session.expires_at),
        )?;
        tx.sweep_documents(now, SWEPT_WITH_EACH_NEW)?;
        Ok((secret.clone(), session))
    })
}

/// The session of a cookie, if its user may still sign in.
pub(crate) fn find(identity: &Identity, secret: &str) -> Result<Option<Session>, Refusal> {
    let now = identity.clock.now();
    identity.store.read(|reader| {
        let Some(session) = reader.document::<Session>(None, &secrets::fingerprint(secret))? else {
            return Ok(None);
        };
        let good = now < session.expires_at
            && still_good(
                reader,
                session.tenant,
                session.user,
                &session.password_generation,
                session.signed_in_at,
            )?;
        Ok(good.then_some(session))
    })
}

pub(crate) fn end(identity: &Identity, secret: &str) -> Result<(), Refusal> {
    identity.store.write(|tx| {
        tx.delete_document::<Session>(None, &secrets::fingerprint(secret))?;
        Ok(())
    })
}

/// Whether what was begun then holds now: the user is there and enabled, has the same password, and
/// did not revoke sessions since.
pub(crate) fn still_good(
    reader: &Reader<'_>,
    tenant: TenantId,
    user: ObjectId,
    password_generation: &str,
    begun_at: Timestamp,
) -> Result<bool, Refusal> {
    let entry = match enabled_user(reader, tenant, user) {
        Ok(entry) => entry,
        Err(Refusal::UserDisabled | Refusal::UserNotFound) => return Ok(false),
        Err(other) => return Err(other),
    };
    if let Some(Value::Time(valid_from)) = entry.get(Attr::SIGN_IN_SESSIONS_VALID_FROM_DATE_TIME)
        && begun_at < *valid_from
    {
        return Ok(false);
    }
    Ok(passwords::generation(reader, tenant, user)? == password_generation)
}
