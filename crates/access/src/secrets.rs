//! Random texts given out as secrets, and the fingerprints under which they are kept.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq as _;
use syncline_model::Ids;

/// A new secret of 256 random bits, 43 characters.
pub fn generate(ids: &dyn Ids) -> String {
    let mut bytes = [0; 32];
    ids.fill_secret(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A secret that follows from another and a random salt: who has one of them alone does not learn it.
pub fn derive(salt: &str, secret: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, salt.as_bytes());
    URL_SAFE_NO_PAD.encode(hmac::sign(&key, secret.as_bytes()))
}

/// What is stored instead of a secret. A plain SHA-256 is enough for 256 random bits; texts that
/// people choose go through [`crate::passwords`].
pub fn fingerprint(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, secret.as_bytes()))
}

/// SHA-256 in base64, as a content security policy names a style sheet.
pub fn content_hash(content: &str) -> String {
    STANDARD.encode(digest(&SHA256, content.as_bytes()))
}

/// Whether a secret has this fingerprint, in constant time.
pub fn matches(secret: &str, kept: &str) -> bool {
    equal(&fingerprint(secret), kept)
}

/// Equality in a time that does not depend on where two texts differ.
pub fn equal(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}
