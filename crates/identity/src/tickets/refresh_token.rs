//! Refresh tokens: each is good for one use and is replaced by the next of its family. When one is
//! used twice the family ends, because one of the two who sent it is a thief (RFC 9700, 4.14.2). Not so when the last
//! one is used again a moment later: two processes of one cache do that, and who lost an answer. They get the
//! same next one, so that the family never has two that are good, and a thief is found at its next use.

use serde::{Deserialize, Serialize};
use syncline_access::{Refusal, secrets, still_good};
use syncline_model::{AppId, ObjectId, TenantId, Timestamp};
use syncline_store::{Document, Reader, Tx};
use uuid::Uuid;

use super::SWEPT_WITH_EACH_NEW;
use crate::Identity;

/// Key: the family's id. The token is `{family}.{secret}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RefreshToken {
    pub(crate) tenant: TenantId,
    pub(crate) app_id: AppId,
    pub(crate) user: ObjectId,
    pub(crate) scope: String,
    pub(crate) signed_in_at: Timestamp,
    /// Fingerprint of the only secret that is good now.
    current: String,
    /// What it replaced. Not in documents of a version that did not answer again.
    #[serde(default)]
    previous: Option<Previous>,
    pub(crate) password_generation: String,
    expires_at: Timestamp,
    /// The end of the whole family, however often it is used. Not in documents of a version that knew none.
    #[serde(default)]
    ends_at: Option<Timestamp>,
    /// The client proved who it is when the family began, so it does at each use. In documents of a version that did
    /// not remember it nothing is known.
    #[serde(default)]
    pub(crate) proven: bool,
}

impl Document for RefreshToken {
    const KIND: &'static str = "refresh_token";
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Previous {
    /// Fingerprint of the secret that was used.
    used: String,
    /// From the secret itself and this follows the present one, of which nothing but a fingerprint is kept.
    salt: String,
    /// By the store's clock ([`Reader::lease_time`]): who uses it again may come to another node.
    used_at: Timestamp,
}

/// For so long after its use the last secret is answered again.
const ANSWERED_AGAIN_SECONDS: i64 = 60;

impl RefreshToken {
    /// Lets the present secret live for so long, and not beyond the family.
    fn live(&mut self, now: Timestamp, seconds: i64) {
        let until = now.plus_seconds(seconds);
        self.expires_at = self.ends_at.map_or(until, |end| until.min(end));
    }

    /// The present secret, for who sends the one before it a moment after its use. `own`: the time by this node's clock.
    fn again(
        &self,
        reader: &Reader<'_>,
        secret: &str,
        own: Timestamp,
    ) -> Result<Option<String>, Refusal> {
        let used = self.previous.as_ref();
        let Some(previous) = used.filter(|it| secrets::matches(secret, &it.used)) else {
            return Ok(None);
        };
        let (now, used_at) = (reader.lease_time(own)?, previous.used_at);
        let recent =
            now < used_at.plus_seconds(ANSWERED_AGAIN_SECONDS) && !used_at.is_told_too_early(now);
        Ok(recent.then(|| secrets::derive(&previous.salt, secret)))
    }
}

/// What a family begins with.
pub(crate) struct Begin<'b> {
    pub(crate) family: Uuid,
    pub(crate) tenant: TenantId,
    pub(crate) app_id: AppId,
    pub(crate) user: ObjectId,
    pub(crate) scope: &'b str,
    /// The code went to a single-page application: what it keeps is no safer than its page.
    pub(crate) for_page: bool,
    /// The client showed a secret or an assertion.
    pub(crate) proven: bool,
    pub(crate) signed_in_at: Timestamp,
    pub(crate) password_generation: &'b str,
}

/// Begins a family; returns its first token. In the transaction that uses up what it comes of: whoever is told to try
/// again has it still.
pub(crate) fn begin(
    tx: &mut Tx<'_>,
    identity: &Identity,
    begin: &Begin<'_>,
) -> Result<String, Refusal> {
    let secret = secrets::generate(identity.ids.as_ref());
    let now = identity.clock.now();
    let settings = &identity.settings;
    let mut token = RefreshToken {
        tenant: begin.tenant,
        app_id: begin.app_id,
        user: begin.user,
        scope: begin.scope.to_owned(),
        signed_in_at: begin.signed_in_at,
        current: secrets::fingerprint(&secret),
        previous: None,
        password_generation: begin.password_generation.to_owned(),
        expires_at: now,
        ends_at: begin
            .for_page
            .then(|| now.plus_seconds(settings.spa_refresh_tokens_lifetime_seconds)),
        proven: begin.proven,
    };
    token.live(now, settings.refresh_token_lifetime_seconds);
    tx.put_document(
        None,
        &begin.family.to_string(),
        &token,
        Some(token.expires_at),
    )?;
    tx.sweep_documents(now, SWEPT_WITH_EACH_NEW)?;
    Ok(format!("{}.{secret}", begin.family))
}

/// Looks a token up without using it.
pub(crate) fn find(identity: &Identity, text: &str) -> Result<(Uuid, RefreshToken), Refusal> {
    let (family, secret) = parts(text)?;
    let now = identity.clock.now();
    let (token, is_known) = identity.store.read(|reader| {
        let found: Option<RefreshToken> = reader.document(None, &family.to_string())?;
        let token = found.ok_or(Refusal::RefreshTokenInvalid)?;
        let is_known =
            secrets::matches(secret, &token.current) || token.again(reader, secret, now)?.is_some();
        Ok::<_, Refusal>((token, is_known))
    })?;
    if !is_known {
        return Err(used_twice(identity, family)?);
    }
    if token.expires_at <= now {
        return Err(Refusal::CodeExpired);
    }
    let good = identity.store.read(|reader| {
        still_good(
            reader,
            token.tenant,
            token.user,
            &token.password_generation,
            token.signed_in_at,
        )
    })?;
    if good {
        Ok((family, token))
    } else {
        Err(Refusal::RefreshTokenRevoked)
    }
}

/// What is learned of a client when it uses a token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Used {
    /// It showed a secret or an assertion, and has to from now on.
    pub(crate) proven: bool,
    /// It is nothing but a page: its family began as that of one, and has an end.
    pub(crate) by_page: bool,
}

/// Uses a token up; returns the next one of its family, or the same again. The family learns what one from before
/// an upgrade does not know.
pub(crate) fn replace(identity: &Identity, text: &str, used: Used) -> Result<String, Refusal> {
    let (family, secret) = parts(text)?;
    let salt = secrets::generate(identity.ids.as_ref());
    let key = family.to_string();
    let now = identity.clock.now();
    let next = identity.store.write(|tx| {
        let Some(mut token) = tx.document::<RefreshToken>(None, &key)? else {
            return Ok::<_, Refusal>(None);
        };
        // Another request may have used it since it was looked up.
        if let Some(next) = token.again(tx, secret, now)? {
            return Ok(Some(next));
        }
        if !secrets::matches(secret, &token.current) {
            tx.delete_document::<RefreshToken>(None, &key)?;
            return Ok(None);
        }
        let next = secrets::derive(&salt, secret);
        token.current = secrets::fingerprint(&next);
        token.previous = Some(Previous {
            used: secrets::fingerprint(secret),
            salt: salt.clone(),
            used_at: tx.lease_time(now)?,
        });
        let settings = &identity.settings;
        token.proven |= used.proven;
        // Who shows a secret is no page.
        if used.by_page && !token.proven && token.ends_at.is_none() {
            token.ends_at = Some(now.plus_seconds(settings.spa_refresh_tokens_lifetime_seconds));
        }
        token.live(now, settings.refresh_token_lifetime_seconds);
        tx.put_document(None, &key, &token, Some(token.expires_at))?;
        Ok(Some(next))
    })?;
    match next {
        Some(next) => Ok(format!("{family}.{next}")),
        None => Err(Refusal::RefreshTokenRevoked),
    }
}

/// Ends a family.
pub(crate) fn revoke(tx: &mut Tx<'_>, family: Uuid) -> Result<(), Refusal> {
    tx.delete_document::<RefreshToken>(None, &family.to_string())?;
    Ok(())
}

fn used_twice(identity: &Identity, family: Uuid) -> Result<Refusal, Refusal> {
    tracing::warn!(%family, "a refresh token was used twice; its family is revoked");
    identity.store.write(|tx| revoke(tx, family))?;
    Ok(Refusal::RefreshTokenRevoked)
}

fn parts(text: &str) -> Result<(Uuid, &str), Refusal> {
    let (family, secret) = text.split_once('.').ok_or(Refusal::RefreshTokenInvalid)?;
    let family = Uuid::try_parse(family).map_err(|_| Refusal::RefreshTokenInvalid)?;
    Ok((family, secret))
}
