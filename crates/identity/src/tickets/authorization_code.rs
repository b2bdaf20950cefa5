//! Authorization codes: from the sign-in page, through the browser, to the client. Once.

use serde::{Deserialize, Serialize};
use syncline_access::{Refusal, secrets};
use syncline_model::{AppId, ObjectId, TenantId, Timestamp};
use syncline_store::{Document, Reader};
use uuid::Uuid;

use super::SWEPT_WITH_EACH_NEW;
use super::{refresh_token, session};
use crate::Identity;

/// Key: fingerprint of the code.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AuthorizationCode {
    pub(crate) tenant: TenantId,
    pub(crate) app_id: AppId,
    pub(crate) user: ObjectId,
    pub(crate) redirect_uri: String,
    pub(crate) scope: String,
    /// PKCE with S256.
    pub(crate) challenge: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) signed_in_at: Timestamp,
    /// A new password ends the code. One of a version that did not know this is not redeemed.
    #[serde(default)]
    pub(crate) password_generation: String,
    pub(crate) expires_at: Timestamp,
    /// The refresh tokens that came of it: when the code is seen again they are revoked
    /// (RFC 6749, 4.1.2), because one of the two who sent it is a thief.
    pub(crate) redeemed_for: Option<Uuid>,
    /// It was sent again since: whoever redeemed it and is not answered yet gets no refresh token any more. Not in
    /// documents of a version that did not remember it.
    #[serde(default)]
    pub(crate) seen_again: bool,
}

impl Document for AuthorizationCode {
    const KIND: &'static str = "authorization_code";
}

/// A code that was used is remembered for as long as the thief is likely to try.
const REMEMBERED_SECONDS: i64 = 24 * 3600;

/// `session`: the cookie of the session that gives the code.
pub(crate) fn issue(
    identity: &Identity,
    session: Option<&str>,
    code: &AuthorizationCode,
) -> Result<String, Refusal> {
    let text = secrets::generate(identity.ids.as_ref());
    let kept_until = code.expires_at.plus_seconds(REMEMBERED_SECONDS);
    identity.store.write(|tx| {
        tx.put_document(None, &secrets::fingerprint(&text), code, Some(kept_until))?;
        if let Some(secret) = session {
            session::gives_code(tx, secret, code.app_id)?;
        }
        tx.sweep_documents(identity.clock.now(), SWEPT_WITH_EACH_NEW)?;
        Ok(text.clone())
    })
}

/// Redeems a code. Whatever `check` says, the code is used up: who sends a code with the wrong
/// verifier does not get a second guess.
pub(crate) fn redeem(
    identity: &Identity,
    text: &str,
    check: impl FnOnce(&AuthorizationCode) -> Result<(), Refusal>,
) -> Result<(AuthorizationCode, Uuid), Refusal> {
    let key = secrets::fingerprint(text);
    let family = identity.ids.random_uuid();
    let now = identity.clock.now();
    // Codes that are made up do not get as far as a transaction.
    let found: Option<AuthorizationCode> =
        identity.store.read(|reader| reader.document(None, &key))?;
    if found.is_none() {
        return Err(Refusal::CodeInvalid);
    }
    let taken: Result<AuthorizationCode, Refusal> = identity.store.write(|tx| {
        let Some(mut code) = tx.document::<AuthorizationCode>(None, &key)? else {
            return Ok::<_, Refusal>(Err(Refusal::CodeInvalid));
        };
        let kept_until = Some(code.expires_at.plus_seconds(REMEMBERED_SECONDS));
        if let Some(family) = code.redeemed_for {
            refresh_token::revoke(tx, family)?;
            if !code.seen_again {
                code.seen_again = true;
                tx.put_document(None, &key, &code, kept_until)?;
            }
            return Ok(Err(Refusal::CodeRedeemed));
        }
        code.redeemed_for = Some(family);
        tx.put_document(None, &key, &code, kept_until)?;
        Ok(Ok(code))
    })?;
    let code = taken?;
    if code.expires_at <= now {
        return Err(Refusal::CodeExpired);
    }
    check(&code)?;
    Ok((code, family))
}

/// Whether nobody sent the code again since it was redeemed: what comes of it begins only then, in the
/// same transaction.
pub(crate) fn check_seen_once(reader: &Reader<'_>, text: &str) -> Result<(), Refusal> {
    let code: Option<AuthorizationCode> = reader.document(None, &secrets::fingerprint(text))?;
    match code {
        Some(code) if !code.seen_again => Ok(()),
        _ => Err(Refusal::CodeRedeemed),
    }
}
