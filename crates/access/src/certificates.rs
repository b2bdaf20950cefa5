//! Certificates with which applications sign in: `keyCredentials` of usage `Verify`.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::DecodingKey;
use syncline_model::{Attr, Entry, Timestamp, Value};
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::public_key::PublicKey;

/// A registered certificate that is valid now.
pub(crate) struct Certificate {
    pub(crate) sha1: Vec<u8>,
    pub(crate) sha256: Vec<u8>,
    pub(crate) key: DecodingKey,
}

/// SHA-1 thumbprint of a DER certificate: Graph's `customKeyIdentifier` and a JWT's `x5t`.
pub fn thumbprint(der: &[u8]) -> Vec<u8> {
    digest(&SHA1_FOR_LEGACY_USE_ONLY, der).as_ref().to_vec()
}

pub(crate) fn thumbprint_sha256(der: &[u8]) -> Vec<u8> {
    digest(&SHA256, der).as_ref().to_vec()
}

/// The validity (first and last moment) of a DER certificate with an RSA key; `None` when it is not
/// one.
pub fn validity(der: &[u8]) -> Option<(Timestamp, Timestamp)> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    rsa_key(&certificate)?;
    let validity = certificate.validity();
    Some((
        Timestamp::from_seconds(validity.not_before.timestamp()),
        Timestamp::from_seconds(validity.not_after.timestamp()),
    ))
}

/// The certificates registered on an application or service principal that are valid now.
pub(crate) fn valid_of(entry: &Entry, now: Timestamp) -> Vec<Certificate> {
    entry
        .get(Attr::KEY_CREDENTIALS)
        .map(Value::as_slice)
        .unwrap_or_default()
        .iter()
        .filter_map(|credential| read(credential, now))
        .collect()
}

fn read(credential: &Value, now: Timestamp) -> Option<Certificate> {
    let is = |name, wanted: &str| match credential.member(name).and_then(Value::as_text) {
        Some(text) => text.eq_ignore_ascii_case(wanted),
        None => true,
    };
    if !is("usage", "Verify") || !is("type", "AsymmetricX509Cert") {
        return None;
    }
    let bound = |name| credential.member(name).and_then(time);
    if bound("startDateTime").is_some_and(|start| now < start)
        || bound("endDateTime").is_some_and(|end| end < now)
    {
        return None;
    }
    let der = match credential.member("key")? {
        Value::Bytes(der) => der.clone(),
        Value::Text(text) => decode(text)?,
        _ => return None,
    };
    let (from, until) = validity(&der)?;
    if now < from || until < now {
        return None;
    }
    let (_, certificate) = X509Certificate::from_der(&der).ok()?;
    Some(Certificate {
        sha1: thumbprint(&der),
        sha256: thumbprint_sha256(&der),
        key: rsa_key(&certificate)?,
    })
}

fn rsa_key(certificate: &X509Certificate<'_>) -> Option<DecodingKey> {
    match certificate.public_key().parsed().ok()? {
        PublicKey::RSA(rsa) => {
            let modulus = without_leading_zeros(rsa.modulus);
            // Shorter keys are not accepted by the verifier either; say so early.
            (modulus.len() >= 256).then(|| {
                DecodingKey::from_rsa_raw_components(modulus, without_leading_zeros(rsa.exponent))
            })
        }
        _ => None,
    }
}

fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

fn time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Time(at) => Some(*at),
        Value::Text(text) => Timestamp::parse(text),
        _ => None,
    }
}

/// base64 of DER, or a PEM block (also base64 of one: some scripts send that).
fn decode(text: &str) -> Option<Vec<u8>> {
    let bytes = match text.contains("-----BEGIN") {
        true => text.as_bytes().to_vec(),
        false => STANDARD
            .decode(text.split_ascii_whitespace().collect::<String>())
            .ok()?,
    };
    if !bytes.starts_with(b"-----BEGIN") {
        return Some(bytes);
    }
    let (_, pem) = x509_parser::pem::parse_x509_pem(&bytes).ok()?;
    Some(pem.contents)
}
