//! Guessing passwords is slow: after ten wrong ones in a row an account is locked for a minute.
//! One small document per account that was guessed at, gone after a quarter of an hour.

use serde::{Deserialize, Serialize};
use syncline_model::{ObjectId, TenantId, Timestamp};
use syncline_store::{Document, Result, Tx};

const WRONG_IN_A_ROW: u32 = 10;
const LOCKED_FOR_SECONDS: i64 = 60;
const FORGOTTEN_AFTER_SECONDS: i64 = 15 * 60;

/// Key: the user's id.
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
pub(crate) fn begin(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    user: ObjectId,
    now: Timestamp,
) -> Result<bool> {
    let mut attempts: Attempts = tx
        .document(Some(tenant), &user.to_string())?
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
        Some(tenant),
        &user.to_string(),
        &attempts,
        Some(now.plus_seconds(FORGOTTEN_AFTER_SECONDS)),
    )?;
    Ok(true)
}

/// The password was right: earlier wrong ones are forgotten.
pub(crate) fn succeed(tx: &mut Tx<'_>, tenant: TenantId, user: ObjectId) -> Result<()> {
    tx.delete_document::<Attempts>(Some(tenant), &user.to_string())?;
    Ok(())
}
