//! Compact JSON Web Tokens: taking them apart and checking signatures. Times and audiences are
//! checked by the callers, with our own clock.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value};

/// base64url with or without padding: MSAL for Python pads its thumbprints.
pub(crate) const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A token taken apart, its signature not yet checked.
pub(crate) struct Unverified<'t> {
    pub(crate) header: Map<String, Value>,
    signed: &'t str,
    signature: &'t str,
}

impl<'t> Unverified<'t> {
    /// Takes a token of three parts apart; `None` when it is not one.
    pub(crate) fn parse(token: &'t str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        if payload.contains('.') || signature.is_empty() {
            return None;
        }
        let header = serde_json::from_slice(&BASE64URL.decode(header).ok()?).ok()?;
        Some(Self {
            header,
            signed,
            signature,
        })
    }

    pub(crate) fn header_text(&self, name: &str) -> Option<&str> {
        self.header.get(name).and_then(Value::as_str)
    }

    /// The algorithm, if it is one of these.
    pub(crate) fn algorithm(&self, allowed: &[Algorithm]) -> Option<Algorithm> {
        let named = match self.header_text("alg")? {
            "RS256" => Algorithm::RS256,
            "PS256" => Algorithm::PS256,
            _ => return None,
        };
        allowed.contains(&named).then_some(named)
    }

    /// The claims, when the signature is right.
    pub(crate) fn verify(
        &self,
        key: &DecodingKey,
        algorithm: Algorithm,
    ) -> Option<Map<String, Value>> {
        let right =
            jsonwebtoken::crypto::verify(self.signature, self.signed.as_bytes(), key, algorithm)
                .unwrap_or(false);
        if !right {
            return None;
        }
        let (_, payload) = self.signed.split_once('.')?;
        serde_json::from_slice(&BASE64URL.decode(payload).ok()?).ok()
    }
}

/// A claim of seconds since 1970; fractions (MSAL for Python sends them) are cut off.
pub(crate) fn seconds_claim(claims: &Map<String, Value>, name: &str) -> Option<i64> {
    let value = claims.get(name)?;
    // A fraction beyond the range of i64 saturates, which is what a far future deserves.
    value.as_i64().or_else(|| {
        value
            .as_f64()
            .filter(|it| it.is_finite())
            .map(|it| it as i64)
    })
}

pub(crate) fn text_claim<'c>(claims: &'c Map<String, Value>, name: &str) -> Option<&'c str> {
    claims.get(name).and_then(Value::as_str)
}
