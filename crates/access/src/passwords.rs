//! Passwords of users: Argon2id hashes in sealed documents.

use std::sync::LazyLock;

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use syncline_model::{ObjectId, Problem, TenantId};
use syncline_store::{Document, Reader, Result, Tx};

use crate::sign_in_attempts::Account;
use crate::{Access, HashingPlace, PasswordWork, secrets, sign_in_attempts};

/// Key: the user's id.
#[derive(Serialize, Deserialize)]
struct Password {
    /// PHC string: `$argon2id$v=19$m=…`.
    hash: String,
}

impl Document for Password {
    const KIND: &'static str = "password";
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
        let _place = self.hashing().place(PasswordWork::Set, tenant)?;
        let hash = ARGON2
            .hash_password(password.as_bytes())
            .map_err(|error| Problem::internal(format!("password hash: {error}")))?
            .to_string();
        Ok(Hashed(Password { hash }))
    }
}

/// Sets a user's password. Whoever signed in with the one before has to sign in again.
pub fn set(tx: &mut Tx<'_>, tenant: TenantId, user: ObjectId, password: &Hashed) -> Result<()> {
    // What was guessed was another one.
    sign_in_attempts::forget(tx, &Account::of(tenant, user))?;
    tx.put_document(Some(tenant), &user.to_string(), &password.0, None)
}

/// Removes a user's password: nobody signs in with it any more.
pub fn remove(tx: &mut Tx<'_>, tenant: TenantId, user: ObjectId) -> Result<bool> {
    tx.delete_document::<Password>(Some(tenant), &user.to_string())
}

/// The hash to verify against outside a snapshot; `None` when the user has no password.
pub(crate) fn hash_of(
    reader: &Reader<'_>,
    tenant: TenantId,
    user: ObjectId,
) -> Result<Option<String>> {
    Ok(reader
        .document::<Password>(Some(tenant), &user.to_string())?
        .map(|stored| stored.hash))
}

/// Compares with a hash, or for as long with nobody's.
pub(crate) fn matches(_place: &HashingPlace<'_>, hash: Option<&str>, password: &str) -> bool {
    let verified = ARGON2
        .verify_password(password.as_bytes(), hash.unwrap_or(&NOBODY))
        .is_ok();
    verified && hash.is_some()
}

/// Changes with every change of the password; empty when there is none. Refresh tokens and
/// sessions remember it.
pub fn generation(reader: &Reader<'_>, tenant: TenantId, user: ObjectId) -> Result<String> {
    Ok(hash_of(reader, tenant, user)?
        .map(|hash| secrets::fingerprint(&hash))
        .unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
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
