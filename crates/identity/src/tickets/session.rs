//! A browser's sign-in.

use serde::{Deserialize, Serialize};
use syncline_access::{Refusal, RightPassword, enabled_user, secrets, still_good};
use syncline_model::{Attr, ObjectId, TenantId, Timestamp};
use syncline_store::Document;

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

/// Begins a session of who typed this password; returns the cookie's value. `former`: the cookie that the browser
/// brought, which is worth nothing any more, wherever it was copied to.
pub(crate) fn begin(
    identity: &Identity,
    right: &RightPassword,
    former: Option<&str>,
) -> Result<(String, Session), Refusal> {
    let now = identity.clock.now();
    let secret = secrets::generate(identity.ids.as_ref());
    identity.store.write(|tx| {
        if let Some(former) = former {
            tx.delete_document::<Session>(None, &secrets::fingerprint(former))?;
        }
        let session = Session {
            tenant: right.who.tenant,
            user: right.who.user,
            signed_in_at: right.signed_in_at,
            // Not the present one: that may be another already.
            password_generation: right.generation.clone(),
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

/// The name with which the user of a session signed in, as pages tell it.
pub(crate) fn user_name(identity: &Identity, session: &Session) -> Result<String, Refusal> {
    identity.store.read(|reader| {
        let user = enabled_user(reader, session.tenant, session.user)?;
        let name = user.text(Attr::USER_PRINCIPAL_NAME).unwrap_or_default();
        Ok(name.to_owned())
    })
}

pub(crate) fn end(identity: &Identity, secret: &str) -> Result<(), Refusal> {
    identity.store.write(|tx| {
        tx.delete_document::<Session>(None, &secrets::fingerprint(secret))?;
        Ok(())
    })
}
