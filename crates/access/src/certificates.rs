//! Certificates with which applications sign in: `keyCredentials` of usage `Verify`. Private keys are not kept: nothing
//! here signs for an application, or decrypts.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::DecodingKey;
use syncline_model::{Attr, Entry, Problem, Timestamp, Value};
use x509_parser::prelude::{FromDer as _, Pem, X509Certificate};
use x509_parser::public_key::PublicKey;

const VERIFY: &str = "Verify";
const X509: &str = "AsymmetricX509Cert";
/// How a PEM text begins.
const PEM: &str = "-----BEGIN";

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

/// A credential as it is to be registered, of one that is sent. Of a certificate to sign in with (usage `Verify`, type
/// `AsymmetricX509Cert`, which count where nothing is said) the first and last moment and the thumbprint are taken from
/// it, where they are not given, and of a PEM text no more than the certificate. Of others [what is public](public) is left.
///
/// # Errors
/// 400 for one to sign in with that is none: nobody could be told at the sign-in what is wrong with it.
pub fn checked(credential: &Value) -> Result<Value, Problem> {
    if !signs_in(credential) {
        return Ok(public(credential));
    }
    let der = credential.member("key").and_then(certificate_of);
    let Some((der, (from, until))) = der.and_then(|der| validity(&der).map(|it| (der, it))) else {
        let message = "Key value is invalid certificate. Send a certificate (X.509, DER or PEM, in base64) with an RSA key of 2048 bits or more.";
        return Err(Problem::bad_request(message).with_detail(
            "InvalidValue",
            message,
            Some("keyCredentials"),
        ));
    };
    let left_out = [
        ("customKeyIdentifier", Value::Bytes(thumbprint(&der))),
        ("endDateTime", Value::Time(until)),
        ("startDateTime", Value::Time(from)),
        ("type", Value::text(X509)),
        ("usage", Value::text(VERIFY)),
    ];
    let mut members = match credential {
        Value::Map(members) => members.clone(),
        _ => Vec::new(),
    };
    members.retain(|(name, value)| name != "key" && *value != Value::Null);
    for (name, value) in left_out {
        if credential.member(name).is_none_or(|it| *it == Value::Null) {
            members.push((name.to_owned(), value));
        }
    }
    members.push(("key".to_owned(), Value::Bytes(der)));
    Ok(Value::Map(members))
}

/// A credential without what may be private: of a key that is for something else than signing in, no more than a certificate.
pub fn public(credential: &Value) -> Value {
    let Value::Map(members) = credential else {
        return credential.clone();
    };
    let mut members = members.clone();
    if !signs_in(credential) {
        members.retain(|(name, _)| name != "key");
        let certificate = credential.member("key").and_then(certificate_of);
        members.extend(certificate.map(|der| ("key".to_owned(), Value::Bytes(der))));
    }
    Value::Map(members)
}

/// The certificate of a credential as anybody may see it: what was registered for something else than signing in, or
/// before it was looked at, may be a private key.
pub fn shown(credential: &Value) -> Option<Vec<u8>> {
    let key = credential.member("key").filter(|_| signs_in(credential))?;
    certificate_of(key)
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
    if !signs_in(credential) {
        return None;
    }
    let bound = |name| credential.member(name).and_then(time);
    if bound("startDateTime").is_some_and(|start| now < start)
        || bound("endDateTime").is_some_and(|end| end < now)
    {
        return None;
    }
    let der = certificate_of(credential.member("key")?)?;
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

/// Whether a credential is one to sign in with.
fn signs_in(credential: &Value) -> bool {
    let is = |name, wanted: &str| match credential.member(name).and_then(Value::as_text) {
        Some(text) => text.eq_ignore_ascii_case(wanted),
        None => true,
    };
    is("usage", VERIFY) && is("type", X509)
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

/// The DER certificate of a `key`, and nothing that stands behind it: DER or PEM, also in base64 (some scripts send
/// that of a PEM text).
fn certificate_of(key: &Value) -> Option<Vec<u8>> {
    let bytes = match key {
        Value::Bytes(bytes) => bytes.clone(),
        Value::Text(text) if text.contains(PEM) => text.as_bytes().to_vec(),
        Value::Text(text) => STANDARD
            .decode(text.split_ascii_whitespace().collect::<String>())
            .ok()?,
        _ => return None,
    };
    let mut der = bytes;
    if der.trim_ascii_start().starts_with(PEM.as_bytes()) {
        let mut blocks = Pem::iter_from_buffer(&der).flatten();
        der = blocks.find(|it| it.label == "CERTIFICATE")?.contents;
    }
    let (behind, _) = X509Certificate::from_der(&der).ok()?;
    der.truncate(der.len() - behind.len());
    Some(der)
}
