//! Device codes: the device keeps one secret and shows a short code; the user types that code in a
//! browser somewhere else, signs in and confirms.

use serde::{Deserialize, Serialize};
use syncline_access::{Peer, Refusal, secrets};
use syncline_model::{AppId, ObjectId, TenantId, Timestamp};
use syncline_store::{Document, Reader, Tx};

use super::refresh_token::{self, Begin};
use super::{SWEPT_WITH_EACH_NEW, device_requests, session};
use crate::Identity;

/// Key: fingerprint of the device's secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DeviceCode {
    /// The tenant the device named; `None` for `common`.
    pub(crate) tenant: Option<TenantId>,
    pub(crate) app_id: AppId,
    pub(crate) scope: String,
    pub(crate) state: DeviceState,
    user_code_key: String,
    expires_at: Timestamp,
    polled_at: Option<Timestamp>,
}

impl Document for DeviceCode {
    const KIND: &'static str = "device_code";
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum DeviceState {
    Pending,
    Confirmed {
        tenant: TenantId,
        user: ObjectId,
        signed_in_at: Timestamp,
        /// A new password ends the sign-in. One of a version that did not know this gives no token.
        #[serde(default)]
        password_generation: String,
    },
    Declined,
}

/// Key: fingerprint of the code the user types.
#[derive(Serialize, Deserialize)]
struct UserCode {
    device_key: String,
}

impl Document for UserCode {
    const KIND: &'static str = "device_user_code";
}

/// No vowels, nothing that looks like something else: no words, no mistakes.
const LETTERS: &[u8; 25] = b"BCDFGHJKLMNPQRSTVWXZ23456";
const USER_CODE_LENGTH: usize = 9;

/// How long an expired code is told from one that never was: some polls later the device knows.
const REMEMBERED_SECONDS: i64 = 300;

impl DeviceCode {
    fn kept_until(&self) -> Timestamp {
        self.expires_at.plus_seconds(REMEMBERED_SECONDS)
    }

    /// Why a poll need not look further.
    fn not_yet(&self, identity: &Identity, now: Timestamp) -> Option<Refusal> {
        // One second less than told: a client's timer may be a little fast.
        let soonest = identity.settings.device_code_interval_seconds - 1;
        let is_too_fast = self
            .polled_at
            .is_some_and(|at| now < at.plus_seconds(soonest));
        if self.expires_at <= now {
            Some(Refusal::DeviceCodeExpired)
        } else if self.state == DeviceState::Pending && is_too_fast {
            Some(Refusal::DeviceTooFast)
        } else {
            None
        }
    }
}

/// Makes a pair of codes: (device's, user's). `peer`: who asks for them, where that is known.
pub(crate) fn issue(
    identity: &Identity,
    peer: Option<Peer>,
    tenant: Option<TenantId>,
    app_id: AppId,
    scope: &str,
) -> Result<(String, String), Refusal> {
    let now = identity.clock.now();
    let networks = &identity.device_networks;
    let taken = peer
        .map(|peer| networks.take(&identity.settings, peer, now))
        .transpose()?;
    // Before anything is written: the refused ones are many.
    identity
        .store
        .read(|reader| device_requests::check(identity, reader, tenant, now))?;
    let expires_at = now.plus_seconds(identity.settings.device_code_lifetime_seconds);
    let device_code = secrets::generate(identity.ids.as_ref());
    let user_code = user_code(identity);
    let device_key = secrets::fingerprint(&device_code);
    let user_code_key = secrets::fingerprint(&user_code);
    let document = DeviceCode {
        tenant,
        app_id,
        scope: scope.to_owned(),
        state: DeviceState::Pending,
        user_code_key: user_code_key.clone(),
        expires_at,
        polled_at: None,
    };
    identity.store.write(|tx| {
        // First, before there is a lock or a connection: strangers who wait must hold neither.
        tx.enter_no_tenant()?;
        device_requests::count(identity, tx, tenant, now)?;
        tx.sweep_documents(now, SWEPT_WITH_EACH_NEW)?;
        tx.put_document(None, &device_key, &document, Some(document.kept_until()))?;
        tx.put_document(
            None,
            &user_code_key,
            &UserCode {
                device_key: device_key.clone(),
            },
            Some(expires_at),
        )?;
        Ok::<_, Refusal>(())
    })?;
    if let Some(taken) = taken {
        taken.keep();
    }
    Ok((device_code, user_code))
}

/// The pending request behind a code that a user typed.
pub(crate) fn find_by_user_code(identity: &Identity, typed: &str) -> Result<DeviceCode, Refusal> {
    let key = secrets::fingerprint(&normalized(typed));
    let now = identity.clock.now();
    let found = identity.store.read(|reader| {
        let Some(user_code) = reader.document::<UserCode>(None, &key)? else {
            return Ok::<_, Refusal>(None);
        };
        Ok(reader.document::<DeviceCode>(None, &user_code.device_key)?)
    })?;
    found
        .filter(|code| now < code.expires_at && code.state == DeviceState::Pending)
        .ok_or(Refusal::DeviceCodeInvalid)
}

/// Writes what the user decided. Once: the user's code is used up. `session`: the cookie of the session that confirms it;
/// whoever declines needs none.
///
/// # Errors
/// [`Refusal::SignInRequired`] when that session has ended: the code is as good as before.
pub(crate) fn decide(
    identity: &Identity,
    session: Option<&str>,
    typed: &str,
    state: DeviceState,
) -> Result<(), Refusal> {
    let key = secrets::fingerprint(&normalized(typed));
    let now = identity.clock.now();
    identity.store.write(|tx| {
        let user_code = tx
            .document::<UserCode>(None, &key)?
            .ok_or(Refusal::DeviceCodeInvalid)?;
        let mut code = tx
            .document::<DeviceCode>(None, &user_code.device_key)?
            .ok_or(Refusal::DeviceCodeInvalid)?;
        if code.expires_at <= now || code.state != DeviceState::Pending {
            return Err(Refusal::DeviceCodeInvalid);
        }
        if let Some(secret) = session {
            session::is_there(tx, secret)?;
        }
        code.state = state;
        tx.put_document(None, &user_code.device_key, &code, Some(code.kept_until()))?;
        tx.delete_document::<UserCode>(None, &key)?;
        Ok(())
    })
}

/// What a device's poll finds.
pub(crate) enum Polled {
    NotYet(Refusal),
    Confirmed {
        code: DeviceCode,
        tenant: TenantId,
        user: ObjectId,
        signed_in_at: Timestamp,
        password_generation: String,
    },
}

impl Polled {
    fn of(code: DeviceCode) -> Self {
        match code.state.clone() {
            DeviceState::Pending => Self::NotYet(Refusal::DevicePending),
            DeviceState::Declined => Self::NotYet(Refusal::DeviceDeclined),
            DeviceState::Confirmed {
                tenant,
                user,
                signed_in_at,
                password_generation,
            } => Self::Confirmed {
                code,
                tenant,
                user,
                signed_in_at,
                password_generation,
            },
        }
    }
}

/// A poll. A declined code is used up by it, a confirmed one by [`finish`]; `check` may refuse before.
pub(crate) fn poll(
    identity: &Identity,
    device_code: &str,
    check: impl FnOnce(&DeviceCode) -> Result<(), Refusal>,
) -> Result<Polled, Refusal> {
    let key = secrets::fingerprint(device_code);
    let now = identity.clock.now();
    let find = |reader: &Reader<'_>| {
        reader
            .document::<DeviceCode>(None, &key)?
            .ok_or(Refusal::DeviceCodeInvalid)
    };
    // Codes that are made up, and polls that come too fast, write nothing.
    let code = identity.store.read(find)?;
    check(&code)?;
    if let Some(refusal) = code.not_yet(identity, now) {
        return Ok(Polled::NotYet(refusal));
    }
    // What is decided once stays.
    if matches!(code.state, DeviceState::Confirmed { .. }) {
        return Ok(Polled::of(code));
    }
    identity.store.write(|tx| {
        let mut code = find(tx)?;
        match code.state {
            DeviceState::Pending => {
                code.polled_at = Some(now);
                tx.put_document(None, &key, &code, Some(code.kept_until()))?;
            }
            DeviceState::Declined => forget(tx, &key, &code)?,
            // Just now.
            DeviceState::Confirmed { .. } => {}
        }
        Ok(Polled::of(code))
    })
}

/// Uses a confirmed code up, and with `begin` begins a family of refresh tokens, of which it returns the first. Both or
/// neither.
///
/// # Errors
/// [`Refusal::DeviceCodeInvalid`] when another poll was faster.
pub(crate) fn finish(
    identity: &Identity,
    device_code: &str,
    begin: Option<&Begin<'_>>,
) -> Result<Option<String>, Refusal> {
    let key = secrets::fingerprint(device_code);
    identity.store.write(|tx| {
        let code = tx
            .document::<DeviceCode>(None, &key)?
            .ok_or(Refusal::DeviceCodeInvalid)?;
        forget(tx, &key, &code)?;
        let token = begin.map(|begin| refresh_token::begin(tx, identity, begin));
        token.transpose()
    })
}

fn forget(tx: &mut Tx<'_>, key: &str, code: &DeviceCode) -> Result<(), Refusal> {
    tx.delete_document::<DeviceCode>(None, key)?;
    tx.delete_document::<UserCode>(None, &code.user_code_key)?;
    Ok(())
}

fn user_code(identity: &Identity) -> String {
    let mut letters = String::with_capacity(USER_CODE_LENGTH);
    let mut bytes = [0; 32];
    while letters.len() < USER_CODE_LENGTH {
        identity.ids.fill_secret(&mut bytes);
        // Bytes past the last full round of letters would make some letters likelier.
        let even = bytes
            .iter()
            .filter(|byte| **byte < 250)
            .map(|byte| char::from(LETTERS[usize::from(*byte) % 25]));
        letters.extend(even.take(USER_CODE_LENGTH - letters.len()));
    }
    letters
}

fn normalized(typed: &str) -> String {
    typed
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric())
        .collect::<String>()
        .to_ascii_uppercase()
}
