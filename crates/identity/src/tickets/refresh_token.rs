//! Refresh tokens: each is good for one use and is replaced by the next of its family. When one is
//! used twice the family ends, because one of the two who sent it is a thief (RFC 9700, 4.14.2).

use serde::{Deserialize, Serialize};
use syncline_access::{Refusal, secrets, still_good};
use syncline_model::{AppId, ObjectId, TenantId, Timestamp};
use syncline_store::{Document, Tx};
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
    pub(crate) password_generation: String,
    expires_at: Timestamp,
}

impl Document for RefreshToken {
    const KIND: &'static str = "refresh_token";
}

/// What a family begins with.
pub(crate) struct Begin<'b> {
    pub(crate) family: Uuid,
    pub(crate) tenant: TenantId,
    pub(crate) app_id: AppId,
    pub(crate) user: ObjectId,
    pub(crate) scope: &'b str,
    pub(crate) signed_in_at: Timestamp,
    pub(crate) password_generation: &'b str,
}

/// Begins a family; returns its first token.
pub(crate) fn begin(identity: &Identity, begin: &Begin<'_>) -> Result<String, Refusal> {
    let secret = secrets::generate(identity.ids.as_ref());
    let now = identity.clock.now();
    identity.store.write(|tx| {
        let token = RefreshToken {
            tenant: begin.tenant,
            app_id: begin.app_id,
            user: begin.user,
            scope: begin.scope.to_owned(),
            signed_in_at: begin.signed_in_at,
            current: secrets::fingerprint(&secret),
            password_generation: begin.password_generation.to_owned(),
            expires_at: now.plus_seconds(identity.settings.refresh_token_lifetime_seconds),
        };
        tx.put_document(
            None,
            &begin.family.to_string(),
            &token,
            Some(token.expires_at),
        )?;
        tx.sweep_documents(now, SWEPT_WITH_EACH_NEW)?;
        Ok(format!("{}.{secret}", begin.family))
    })
}

/// Looks a token up without using it.
pub(crate) fn find(identity: &Identity, text: &str) -> Result<(Uuid, RefreshToken), Refusal> {
    let (family, secret) = parts(text)?;
    let now = identity.clock.now();
    let found: Option<RefreshToken> = identity
        .store
        .read(|reader| reader.document(None, &family.to_string()))?;
    let token = found.ok_or(Refusal::RefreshTokenInvalid)?;
    if !secrets::matches(secret, &token.current) {
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

/// Uses a token up; returns the next one of its family.
pub(crate) fn replace(identity: &Identity, text: &str) -> Result<String, Refusal> {
    let (family, secret) = parts(text)?;
    let next = secrets::generate(identity.ids.as_ref());
    let key = family.to_string();
    let expires_at = identity
        .clock
        .now()
        .plus_seconds(identity.settings.refresh_token_lifetime_seconds);
    let replaced = identity.store.write(|tx| {
        let Some(mut token) = tx.document::<RefreshToken>(None, &key)? else {
            return Ok::<_, Refusal>(false);
        };
        // Another request may have used it since it was looked up.
        if !secrets::matches(secret, &token.current) {
            tx.delete_document::<RefreshToken>(None, &key)?;
            return Ok(false);
        }
        token.current = secrets::fingerprint(&next);
        token.expires_at = expires_at;
        tx.put_document(None, &key, &token, Some(expires_at))?;
        Ok(true)
    })?;
    if replaced {
        Ok(format!("{family}.{next}"))
    } else {
        Err(Refusal::RefreshTokenRevoked)
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
