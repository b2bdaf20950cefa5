//! Passwords of users: Argon2id hashes in sealed documents.

use std::sync::LazyLock;

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use syncline_model::{Attr, Clock, EntityKind, ObjectId, Problem, TenantId, Value};
use syncline_store::{Document, Reader, Result, Tx, object_documents};

use crate::account::Account;
use crate::{Access, HashingPlace, PasswordWork, PasswordsBusy, secrets, sign_in_attempts};

/// Key: the user's id.
#[derive(Serialize, Deserialize)]
pub(crate) struct Password {
    /// PHC string: `$argon2id$v=19$m=…`.
    pub(crate) hash: String,
    /// Its owner has to choose another before anything else. Not in documents of versions that had no
    /// such passwords.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) to_be_changed: bool,
    /// How often that was asked for with this very password.
    #[serde(default, skip_serializing_if = "never")]
    times_asked: u64,
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn never(times: &u64) -> bool {
    *times == 0
}

impl Document for Password {
    const KIND: &'static str = object_documents::PASSWORD;
    const SEALED: bool = true;
}

/// OWASP's smallest recommendation for Argon2id: 19 MiB, two passes, one lane.
static ARGON2: LazyLock<Argon2<'static>> = LazyLock::new(|| {
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
});

/// Verified against when there is no password, so that the answer takes as long.
static NOBODY: LazyLock<String> = LazyLock::new(|| {
    ARGON2
        .hash_password(b"nobody's password")
        .map(|hash| hash.to_string())
        .unwrap_or_default()
});

const REFUSED: &str = "The specified password does not comply with password complexity requirements. Please provide a different password.";

/// 8 to 256 characters of at least three of: lower case, upper case, digits, others.
pub fn check(password: &str) -> std::result::Result<(), Problem> {
    let length = password.chars().count();
    let classes: [fn(char) -> bool; 4] = [
        char::is_lowercase,
        char::is_uppercase,
        |letter| letter.is_numeric(),
        |letter| !letter.is_alphanumeric(),
    ];
    let varied = classes
        .iter()
        .filter(|class| password.chars().any(**class))
        .count();
    if (8..=256).contains(&length) && varied >= 3 {
        Ok(())
    } else {
        Err(Problem::bad_request(REFUSED))
    }
}

/// A password that complies, as it is kept. [`Access::hash_password`] makes it.
pub struct Hashed(Password);

impl std::fmt::Debug for Hashed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hashed(…)")
    }
}

impl Hashed {
    /// The same, temporary or not: a temporary one is good for choosing another.
    #[must_use]
    pub fn to_be_changed(mut self, to_be_changed: bool) -> Self {
        self.0.to_be_changed = to_be_changed;
        self
    }

    /// What [`generation`] will tell once this is set.
    pub fn generation(&self) -> String {
        self.0.generation()
    }
}

/// Why a password that a user chose is not taken.
#[derive(Debug)]
pub enum NotTaken {
    /// [`check`] refuses it.
    TooSimple,
    /// It is the one that it should replace.
    Same,
    Busy(PasswordsBusy),
    Failed(Problem),
}

impl From<NotTaken> for Problem {
    fn from(why: NotTaken) -> Self {
        match why {
            NotTaken::TooSimple => Self::bad_request(REFUSED),
            NotTaken::Same => Self::bad_request(
                "The new password is the current one. Please provide a different password.",
            ),
            NotTaken::Busy(busy) => busy.into(),
            NotTaken::Failed(problem) => problem,
        }
    }
}

impl Access {
    /// Hashes a password of this tenant's; `None`: of one that is only being made. It takes long on
    /// purpose, and longer when others are at it: it is done before a transaction begins, never
    /// inside, where everybody else would wait.
    ///
    /// # Errors
    /// A bad request when the password does not comply; 429 or 503 when too many are hashed now.
    pub fn hash_password(
        &self,
        tenant: Option<TenantId>,
        password: &str,
    ) -> std::result::Result<Hashed, Problem> {
        check(password)?;
        let place = self.hashing().place(PasswordWork::Set, tenant)?;
        hash(&place, password)
    }

    /// Hashes a password that a user chose instead of the present one, which the caller has just seen to
    /// know. Like [`Access::hash_password`], never inside of a transaction.
    ///
    /// # Errors
    /// When it does not comply or is the present one, or too many are hashed now.
    pub fn hash_chosen_password(
        &self,
        tenant: TenantId,
        user: ObjectId,
        chosen: &str,
    ) -> std::result::Result<Hashed, NotTaken> {
        check(chosen).map_err(|_| NotTaken::TooSimple)?;
        // A place of those who sign in: whoever knows one password must not take those of administrators.
        let place = self.hashing().place(PasswordWork::SignIn, Some(tenant));
        let place = place.map_err(NotTaken::Busy)?;
        let present = self.store.read(|reader| kept(reader, tenant, user));
        let present = present.map_err(|error| NotTaken::Failed(error.into()))?;
        let present = present.as_ref().map(|it| it.hash.as_str());
        if matches(&place, present, chosen) {
            return Err(NotTaken::Same);
        }
        hash(&place, chosen).map_err(NotTaken::Failed)
    }
}

fn hash(_place: &HashingPlace<'_>, password: &str) -> std::result::Result<Hashed, Problem> {
    let hash = ARGON2
        .hash_password(password.as_bytes())
        .map_err(|error| Problem::internal(format!("password hash: {error}")))?
        .to_string();
    Ok(Hashed(Password {
        hash,
        to_be_changed: false,
        times_asked: 0,
    }))
}

/// Sets a user's password, and notes when. Whoever signed in with the one before has to sign in again: also in the
/// time until it is set, while it was hashed or waited for other writers, so the clock is asked here.
pub fn set(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    user: ObjectId,
    password: &Hashed,
    clock: &dyn Clock,
) -> Result<()> {
    // What was guessed was another one.
    sign_in_attempts::forget(tx, &Account::of(tenant, user))?;
    tx.put_document(Some(tenant), &user.to_string(), &password.0, None)?;
    let Some(stored) = tx.objects(tenant, EntityKind::User, &[user])?.pop() else {
        return Ok(());
    };
    let mut entry = stored.entry;
    let at = tx.sign_in_end(tenant, &entry, clock.now())?;
    entry
        .attrs
        .set(Attr::LAST_PASSWORD_CHANGE_DATE_TIME, Value::Time(at));
    tx.update_objects(tenant, &[entry])
}

/// Asks a user to choose another password before anything else, or no longer. Asking ends what was begun
/// with the present one, as a new password does. False when there is no password.
pub fn set_to_be_changed(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    user: ObjectId,
    to_be_changed: bool,
) -> Result<bool> {
    let Some(mut password) = kept(tx, tenant, user)? else {
        return Ok(false);
    };
    if password.to_be_changed != to_be_changed {
        password.to_be_changed = to_be_changed;
        password.times_asked += u64::from(to_be_changed);
        tx.put_document(Some(tenant), &user.to_string(), &password, None)?;
        // It is shown with the user: whoever follows changes of users is told.
        let stored = tx.objects(tenant, EntityKind::User, &[user])?.pop();
        if let Some(stored) = stored {
            tx.update_objects(tenant, &[stored.entry])?;
        }
    }
    Ok(true)
}

/// Whether a user's password is to be changed; `None` when there is none.
pub fn is_to_be_changed(
    reader: &Reader<'_>,
    tenant: TenantId,
    user: ObjectId,
) -> Result<Option<bool>> {
    Ok(kept(reader, tenant, user)?.map(|it| it.to_be_changed))
}

/// Removes a user's password: nobody signs in with it any more.
pub fn remove(tx: &mut Tx<'_>, tenant: TenantId, user: ObjectId) -> Result<bool> {
    tx.delete_document::<Password>(Some(tenant), &user.to_string())
}

/// What to verify against outside a snapshot; `None` when the user has no password.
pub(crate) fn kept(
    reader: &Reader<'_>,
    tenant: TenantId,
    user: ObjectId,
) -> Result<Option<Password>> {
    reader.document::<Password>(Some(tenant), &user.to_string())
}

/// Compares with a hash, or for as long with nobody's.
pub(crate) fn matches(_place: &HashingPlace<'_>, hash: Option<&str>, password: &str) -> bool {
    let verified = ARGON2
        .verify_password(password.as_bytes(), hash.unwrap_or(&NOBODY))
        .is_ok();
    verified && hash.is_some()
}

impl Password {
    /// Another for each password, and for the same one as long as it is to be changed. What that has ended
    /// stays ended when it is not asked for any more.
    pub(crate) fn generation(&self) -> String {
        let (hash, times) = (&self.hash, self.times_asked);
        // A hash has no space in it.
        secrets::fingerprint(&match (self.to_be_changed, times) {
            (false, 0) => hash.clone(),
            (false, _) => format!("{hash} kept after {times}"),
            (true, _) => format!("{hash} to be changed {times}"),
        })
    }
}

/// Changes with every change of the password, and when it is to be changed; empty when there is none.
/// Refresh tokens and sessions remember it.
pub fn generation(reader: &Reader<'_>, tenant: TenantId, user: ObjectId) -> Result<String> {
    let kept = kept(reader, tenant, user)?;
    Ok(kept.map(|it| it.generation()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Hashing, PasswordLimits};

    #[test]
    fn three_of_four_classes_are_asked_for() {
        for good in ["xWwvJ]6NMw+bWH-d", "abcDEF12", "abc def 1", "Ünïcöde1"] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in ["", "Ab1", "abcdefgh", "abcdefg1", &"Aa1".repeat(100)] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn nobodys_hash_is_a_real_one() {
        assert!(NOBODY.starts_with("$argon2id$"));
        let hashing = Hashing::new(PasswordLimits::default());
        let place = hashing.place(PasswordWork::SignIn, None).unwrap();
        assert!(!matches(&place, None, "nobody's password"));
    }
}
