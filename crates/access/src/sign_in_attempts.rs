//! Guessing passwords is slow: after ten wrong ones in a row an account is locked for a minute.
//! One small document per account that was guessed at, gone after a quarter of an hour. Names that
//! nobody has are locked like any other: a lock must not tell which accounts exist.

use serde::{Deserialize, Serialize};
use syncline_model::fold::fold;
use syncline_model::{ObjectId, TenantId, Timestamp};
use syncline_store::{Document, Result, Tx};

use crate::secrets;

const WRONG_IN_A_ROW: u32 = 10;
const LOCKED_FOR_SECONDS: i64 = 60;
const FORGOTTEN_AFTER_SECONDS: i64 = 15 * 60;

/// Whose password is guessed.
pub(crate) struct Account {
    /// `None`: the name's domain is no tenant's.
    tenant: Option<TenantId>,
    key: String,
}

impl Account {
    pub(crate) fn of(tenant: TenantId, user: ObjectId) -> Self {
        Self {
            tenant: Some(tenant),
            key: user.to_string(),
        }
    }

    /// A name that nobody has.
    pub(crate) fn nobody(tenant: Option<TenantId>, user_name: &str) -> Self {
        Self {
            tenant,
            key: secrets::fingerprint(&fold(user_name)),
        }
    }
}

/// Key: the user's id, or the fingerprint of a name.
#[derive(Default, Serialize, Deserialize)]
struct Attempts {
    wrong: u32,
    locked_until: Option<Timestamp>,
    last_at: Timestamp,
}

impl Document for Attempts {
    const KIND: &'static str = "sign_in_attempts";
}

/// Counts an attempt before it is made, so that many at once do not slip through; false when the
/// account is locked.
pub(crate) fn begin(tx: &mut Tx<'_>, account: &Account, now: Timestamp) -> Result<bool> {
    let mut attempts: Attempts = tx
        .document(account.tenant, &account.key)?
        .filter(|attempts: &Attempts| now < attempts.last_at.plus_seconds(FORGOTTEN_AFTER_SECONDS))
        .unwrap_or_default();
    if attempts.locked_until.is_some_and(|until| now < until) {
        return Ok(false);
    }
    attempts.wrong += 1;
    attempts.last_at = now;
    // Each further wrong password after the tenth locks again.
    attempts.locked_until =
        (attempts.wrong >= WRONG_IN_A_ROW).then(|| now.plus_seconds(LOCKED_FOR_SECONDS));
    tx.put_document(
        account.tenant,
        &account.key,
        &attempts,
        Some(now.plus_seconds(FORGOTTEN_AFTER_SECONDS)),
    )?;
    Ok(true)
}

/// The password was right: earlier wrong ones are forgotten.
pub(crate) fn succeed(tx: &mut Tx<'_>, account: &Account) -> Result<()> {
    tx.delete_document::<Attempts>(account.tenant, &account.key)?;
    Ok(())
}
