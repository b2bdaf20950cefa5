//! Client assertions (RFC 7523): a JWT that the client signs with the key of a registered
//! certificate.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use syncline_model::{TenantId, Timestamp};
use syncline_store::{Document, Reader};

use crate::certificates::{Certificate, thumbprint, thumbprint_sha256, valid_of};
use crate::clients::shorten;
use crate::jwt::{BASE64URL, Unverified, seconds_claim, text_claim};
use crate::{Access, Client, Refusal, secrets};

/// How far the client's clock may be off.
const SKEW_SECONDS: i64 = 300;
/// Assertions that live longer are refused, as RFC 7523 (section 3, 4) allows: a stolen one is good until it
/// expires, and its id is remembered for as long. Entra sets no limit, and recommends five to ten minutes.
const LONGEST_LIFE_SECONDS: i64 = 24 * 3600;

/// An assertion that was used. Key: fingerprint of client and `jti`; kept until it expires.
///
/// It may be used again, and as often as its client likes, as in Entra. RFC 7523 (section 3, 7) leaves it to the
/// server whether to refuse that; MSAL for Python signs one assertion and sends it with every token request
/// of the next nine minutes, of all who sign in meanwhile.
#[derive(Serialize, Deserialize)]
struct UsedAssertion {
    /// Fingerprint of the whole assertion. An id belongs to one assertion only (RFC 7519, section 4.1.7): another
    /// one with the same `jti` is refused.
    fingerprint: String,
}

impl Document for UsedAssertion {
    const KIND: &'static str = "used_assertion";
}

/// Checks an assertion and remembers it.
pub(crate) fn check(
    access: &Access,
    tenant: TenantId,
    tenant_name: &str,
    client: &Client,
    assertion: &str,
) -> Result<(), Refusal> {
    let malformed = |detail: &str| Refusal::AssertionMalformed(detail.to_owned());
    let unverified =
        Unverified::parse(assertion).ok_or_else(|| malformed("it is not a JWT of three parts"))?;
    let algorithm = unverified
        .algorithm(&[Algorithm::RS256, Algorithm::PS256])
        .ok_or_else(|| malformed("its algorithm is neither RS256 nor PS256"))?;

    let now = access.clock.now();
    let certificates: Vec<Certificate> = client
        .application
        .iter()
        .chain([&client.service_principal])
        .flat_map(|entry| valid_of(entry, now))
        .collect();
    let named = Named::of(&unverified);
    let candidates: Vec<&Certificate> = certificates
        .iter()
        .filter(|certificate| named.as_ref().is_none_or(|named| named.is(certificate)))
        .collect();
    if candidates.is_empty() {
        let name = named.map(|named| named.text).unwrap_or_default();
        return Err(Refusal::AssertionCertificateUnknown(
            shorten(&name),
            client.app_id.to_string(),
        ));
    }
    let claims = candidates
        .iter()
        .find_map(|certificate| unverified.verify(&certificate.key, algorithm))
        .ok_or(Refusal::AssertionSignatureInvalid)?;

    check_subject(client, &claims)?;
    check_audience(access, tenant, tenant_name, &claims)?;
    let expires_at = check_times(now, &claims)?;
    remember(access, tenant, client, assertion, &claims, expires_at)
}

/// The certificate that the header names.
struct Named {
    text: String,
    sha1: Option<Vec<u8>>,
    sha256: Option<Vec<u8>>,
}

impl Named {
    /// From `x5t#S256`, `x5t`, `x5c` or `kid`, whichever comes first; `None` when none is there.
    fn of(assertion: &Unverified<'_>) -> Option<Self> {
        if let Some(text) = assertion.header_text("x5t#S256") {
            return Some(Self {
                text: text.to_owned(),
                sha1: None,
                sha256: BASE64URL.decode(text).ok(),
            });
        }
        if let Some(text) = assertion.header_text("x5t") {
            return Some(Self {
                text: text.to_owned(),
                sha1: BASE64URL.decode(text).ok(),
                sha256: None,
            });
        }
        if let Some(der) = first_of_chain(&assertion.header) {
            let sha1 = thumbprint(&der);
            return Some(Self {
                text: hex(&sha1),
                sha1: Some(sha1),
                sha256: Some(thumbprint_sha256(&der)),
            });
        }
        let text = assertion.header_text("kid")?;
        // MSAL writes the thumbprint in base64url or in hexadecimal digits.
        let sha1 = unhex(text).or_else(|| BASE64URL.decode(text).ok());
        Some(Self {
            text: text.to_owned(),
            sha1,
            sha256: None,
        })
    }

    fn is(&self, certificate: &Certificate) -> bool {
        match (&self.sha256, &self.sha1) {
            (Some(sha256), _) => *sha256 == certificate.sha256,
            (None, Some(sha1)) => *sha1 == certificate.sha1,
            (None, None) => false,
        }
    }
}

fn first_of_chain(header: &Map<String, Value>) -> Option<Vec<u8>> {
    let chain = header.get("x5c")?;
    let first = chain.as_str().or_else(|| chain.get(0)?.as_str())?;
    STANDARD.decode(first).ok()
}

fn check_subject(client: &Client, claims: &Map<String, Value>) -> Result<(), Refusal> {
    let own = client.app_id.to_string();
    let is_own =
        |name| text_claim(claims, name).is_some_and(|text| text.eq_ignore_ascii_case(&own));
    if is_own("iss") && is_own("sub") {
        Ok(())
    } else {
        Err(Refusal::AssertionSubjectWrong(own))
    }
}

/// The audience is the token endpoint (either version) or the issuer, which are what RFC 7523 (section 3, 3)
/// names; the tenant spelled as its id, or as the request's path spelled it. One of several suffices.
/// The RFC has them compared letter by letter; case and a slash at the end are no matter here, because
/// clients make them of an authority that somebody typed.
fn check_audience(
    access: &Access,
    tenant: TenantId,
    tenant_name: &str,
    claims: &Map<String, Value>,
) -> Result<(), Refusal> {
    let audiences: Vec<&str> = match claims.get("aud") {
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(one)) => vec![one],
        _ => Vec::new(),
    };
    let bases = crate::audience::spellings(access.public_url());
    let id = tenant.to_string();
    let expected: Vec<String> = [id.as_str(), tenant_name]
        .iter()
        .flat_map(|name| {
            ["oauth2/v2.0/token", "oauth2/token", "v2.0", ""].map(|tail| format!("{name}/{tail}"))
        })
        .flat_map(|path| bases.iter().map(move |base| format!("{base}/{path}")))
        .collect();
    let right = audiences.iter().any(|audience| {
        let audience = audience.trim_end_matches('/');
        expected.iter().any(|expected| {
            expected
                .trim_end_matches('/')
                .eq_ignore_ascii_case(audience)
        })
    });
    if right {
        Ok(())
    } else {
        Err(Refusal::AssertionAudienceWrong(shorten(
            &audiences.join(" "),
        )))
    }
}

fn check_times(now: Timestamp, claims: &Map<String, Value>) -> Result<Timestamp, Refusal> {
    let out_of_time = |detail: &str| Err(Refusal::AssertionOutOfTime(detail.to_owned()));
    let Some(expires) = seconds_claim(claims, "exp") else {
        return out_of_time("The claim 'exp' is missing.");
    };
    let now = now.seconds();
    if expires.saturating_add(SKEW_SECONDS) < now {
        return out_of_time("It has expired. Check the client's clock.");
    }
    if expires > now.saturating_add(LONGEST_LIFE_SECONDS) {
        return out_of_time("It lives longer than 24 hours.");
    }
    if seconds_claim(claims, "nbf").is_some_and(|from| from > now.saturating_add(SKEW_SECONDS)) {
        return out_of_time("It is not valid yet. Check the client's clock.");
    }
    Ok(Timestamp::from_seconds(
        expires.saturating_add(SKEW_SECONDS),
    ))
}

fn remember(
    access: &Access,
    tenant: TenantId,
    client: &Client,
    assertion: &str,
    claims: &Map<String, Value>,
    expires_at: Timestamp,
) -> Result<(), Refusal> {
    let fingerprint = secrets::fingerprint(assertion);
    // Without an id of its own, the assertion is its own id.
    let id = text_claim(claims, "jti").unwrap_or(&fingerprint);
    let key = URL_SAFE_NO_PAD.encode(digest(
        &SHA256,
        format!("{}|{id}", client.app_id).as_bytes(),
    ));
    let is_known = |reader: &Reader<'_>| -> Result<bool, Refusal> {
        let used: Option<UsedAssertion> = reader.document(Some(tenant), &key)?;
        match used {
            Some(used) if used.fingerprint != fingerprint => Err(Refusal::AssertionReplayed),
            used => Ok(used.is_some()),
        }
    };
    // Only the first use is written.
    if access.store.read(is_known)? {
        return Ok(());
    }
    access.store.write(|tx| {
        if !is_known(tx)? {
            let used = UsedAssertion {
                fingerprint: fingerprint.clone(),
            };
            tx.put_document(Some(tenant), &key, &used, Some(expires_at))?;
        }
        Ok(())
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 40 || !text.is_ascii() {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}
