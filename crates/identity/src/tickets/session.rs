//! A browser's sign-in.

use serde::{Deserialize, Serialize};
use syncline_access::{Refusal, RightPassword, enabled_user, secrets, still_good};
use syncline_model::{AppId, Attr, ObjectId, TenantId, Timestamp};
use syncline_store::{Document, Reader, Tx};

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
    /// The applications that it gave codes to, in the order of their first one: whoever signs out of one of them may go
    /// back there. Not in documents of versions that did not remember them.
    #[serde(default)]
    pub(crate) apps: Vec<AppId>,
    expires_at: Timestamp,
}

/// More applications are not remembered, the oldest is forgotten: it says itself who it is, or its people stay here.
const MOST_APPS: usize = 32;

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
        let who = (right.who.tenant, right.who.user);
        let mut apps = Vec::new();
        if let Some(former) = former {
            let key = secrets::fingerprint(former);
            let ended: Option<Session> = tx.document(None, &key)?;
            tx.delete_document::<Session>(None, &key)?;
            // Who types the password again has not left the applications.
            let of_same = ended.filter(|it| (it.tenant, it.user) == who);
            apps = of_same.map(|it| it.apps).unwrap_or_default();
        }
        let session = Session {
            tenant: who.0,
            user: who.1,
            signed_in_at: right.signed_in_at,
            // Not the present one: that may be another already.
            password_generation: right.generation.clone(),
            apps,
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

/// Remembers that the session of this cookie gives a code to an application.
///
/// # Errors
/// As [`is_there`].
pub(crate) fn gives_code(tx: &mut Tx<'_>, secret: &str, app_id: AppId) -> Result<(), Refusal> {
    let mut session = is_there(tx, secret)?;
    if session.apps.last() == Some(&app_id) {
        return Ok(());
    }
    session.apps.retain(|it| *it != app_id);
    session.apps.push(app_id);
    let too_many = session.apps.len().saturating_sub(MOST_APPS);
    session.apps.drain(..too_many);
    tx.put_document(
        None,
        &secrets::fingerprint(secret),
        &session,
        Some(session.expires_at),
    )?;
    Ok(())
}

/// The session of a cookie, in the transaction that is about to write what comes of it: its user may have signed out
/// since it was found, also in another window.
///
/// # Errors
/// [`Refusal::SignInRequired`] when it has ended.
pub(crate) fn is_there(reader: &Reader<'_>, secret: &str) -> Result<Session, Refusal> {
    let found = reader.document(None, &secrets::fingerprint(secret))?;
    found.ok_or(Refusal::SignInRequired)
}

/// The session of a cookie, if its user may still sign in.
pub(crate) fn find(identity: &Identity, secret: &str) -> Result<Option<Session>, Refusal> {
    let now = identity.clock.now();
    identity.store.read(|reader| {
        let Some(session) = reader.document::<Session>(None, &secrets::fingerprint(secret))? else {
            return Ok(None);
        };
        let good = now < session.expires_at && session.holds(reader)?;
        Ok(good.then_some(session))
    })
}

impl Session {
    /// Whether its user is still signed in, in the transaction that is about to write in his name: it may have waited
    /// for its turn since the session was found.
    ///
    /// # Errors
    /// [`Refusal::SignInRequired`] when not.
    pub(crate) fn still_good(&self, reader: &Reader<'_>) -> Result<(), Refusal> {
        match self.holds(reader)? {
            true => Ok(()),
            false => Err(Refusal::SignInRequired),
        }
    }

    fn holds(&self, reader: &Reader<'_>) -> Result<bool, Refusal> {
        still_good(
            reader,
            self.tenant,
            self.user,
            &self.password_generation,
            self.signed_in_at,
        )
    }
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
