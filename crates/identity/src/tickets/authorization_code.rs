//! Authorization codes: from the sign-in page, through the browser, to the client. Once.

use serde::{Deserialize, Serialize};
use syncline_access::{Refusal, secrets};
use syncline_model::{AppId, ObjectId, TenantId, Timestamp};
use syncline_store::Document;
use uuid::Uuid;

use super::SWEPT_WITH_EACH_NEW;
use super::refresh_token::{self, Begin};
use super::session;
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
}

impl Document for AuthorizationCode {
    const KIND: &'static str = "authorization_code";
}

/// A code that was used is remembered for as long as the thief is likely to try.
const REMEMBERED_SECONDS: i64 = 24 * 3600;

/// `session`: the cookie of the session that gives the code.
///
/// # Errors
/// [`Refusal::SignInRequired`] when that has ended: there is no code then.
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

/// Looks a code up, for who is about to redeem it. What `check` refuses is used up: who sends a code with the wrong
/// verifier does not get a second guess.
pub(crate) fn find(
    identity: &Identity,
    text: &str,
    check: impl FnOnce(&AuthorizationCode) -> Result<(), Refusal>,
) -> Result<AuthorizationCode, Refusal> {
    let key = secrets::fingerprint(text);
    let found: Option<AuthorizationCode> =
        identity.store.read(|reader| reader.document(None, &key))?;
    // Codes that are made up do not get as far as a transaction.
    let code = found.ok_or(Refusal::CodeInvalid)?;
    if code.redeemed_for.is_some() {
        use_up(identity, &key, None)?;
    }
    if code.expires_at <= identity.clock.now() {
        return Err(Refusal::CodeExpired);
    }
    match check(&code) {
        Ok(()) => Ok(code),
        // Nothing is wrong with it, as far as anybody knows.
        Err(failed @ Refusal::Internal(_)) => Err(failed),
        Err(refusal) => {
            use_up(identity, &key, None)?;
            Err(refusal)
        }
    }
}

/// Redeems a code that was found: uses it up, and with `begin` begins a family of refresh tokens, of which it returns
/// the first. Both or neither.
///
/// # Errors
/// [`Refusal::CodeRedeemed`] when somebody was faster.
pub(crate) fn redeem(
    identity: &Identity,
    text: &str,
    begin: Option<&Begin<'_>>,
) -> Result<Option<String>, Refusal> {
    use_up(identity, &secrets::fingerprint(text), begin)
}

/// Once. Seen again, it ends what came of it.
fn use_up(
    identity: &Identity,
    key: &str,
    begin: Option<&Begin<'_>>,
) -> Result<Option<String>, Refusal> {
    identity.store.write(|tx| {
        let Some(mut code) = tx.document::<AuthorizationCode>(None, key)? else {
            return Ok::<_, Refusal>(Err(Refusal::CodeInvalid));
        };
        if let Some(family) = code.redeemed_for {
            refresh_token::revoke(tx, family)?;
            return Ok(Err(Refusal::CodeRedeemed));
        }
        let family = begin.map_or_else(|| identity.ids.random_uuid(), |it| it.family);
        code.redeemed_for = Some(family);
        let kept_until = code.expires_at.plus_seconds(REMEMBERED_SECONDS);
        tx.put_document(None, key, &code, Some(kept_until))?;
        let token = begin.map(|begin| refresh_token::begin(tx, identity, begin));
        token.transpose().map(Ok)
    })?
}
