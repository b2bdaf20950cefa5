//! Page and delta tokens: opaque, URL-safe texts that say where to go on and with which options.
//!
//! A token is base64url of a version byte, a checksum and a compact serialisation, deflated where it is long: a list of
//! ids in a filter takes less room than it took in the request, so that its links pass where that did. The checksum
//! recognises broken and hand-made tokens; it is no signature. A token therefore grants nothing:
//! the caller's permissions and tenant are checked on every page as on the first.
//!
//! A token is of one tenant: the keys and numbers in it mean something there alone, and a client of several that mixes them
//! up would silently be told nothing of what stands before them.

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use syncline_model::{Problem, ProblemKind, TenantId, Timestamp};

use crate::QueryOptions;
use crate::limits;
use crate::options::OptionTexts;

/// Layout of the serialisation; a token of another layout counts as expired.
const PAGE: Versions = Versions {
    deflated: 5,
    bound: 3,
    of_any_tenant: 1,
};
const DELTA: Versions = Versions {
    deflated: 6,
    bound: 4,
    of_any_tenant: 2,
};

struct Versions {
    /// As `bound`, and deflated.
    deflated: u8,
    bound: u8,
    /// Of earlier builds, which did not write down the tenant. Links with it are followed to their end; none is given any
    /// more, and those of changes end by themselves after seven days.
    of_any_tenant: u8,
}

/// Where the next page begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageToken {
    /// Which collection the token belongs to, e.g. `users` or `groups/{id}/members`.
    pub resource: String,
    /// The sort key of the last object sent.
    pub last_key: Vec<u8>,
    /// The options of the first page.
    pub texts: OptionTexts,
}

/// Where the next round of changes begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeltaToken {
    /// Which collection the token belongs to.
    pub resource: String,
    /// Changes after this number are new.
    pub sequence: u64,
    /// Inside a round (`$skiptoken`): where its next page begins. Empty in a delta link.
    pub position: Vec<u8>,
    /// `$select` of the first request, fixed for all rounds.
    pub select: Option<String>,
    /// `$filter` of the first request (ids only), fixed for all rounds.
    pub filter: Option<String>,
    pub issued_at: Timestamp,
}

impl PageToken {
    /// The opaque text, for a list of this tenant.
    pub fn encode(&self, tenant: TenantId) -> String {
        seal(&PAGE, tenant, self)
    }

    /// Reads a token of `resource` in `tenant`.
    ///
    /// # Errors
    /// 400 `BadRequest` when the text is no token at all, 400 `Directory_ExpiredPageToken` when it
    /// is not one of ours (any more) or belongs to another collection or tenant.
    pub fn decode(text: &str, resource: &str, tenant: TenantId) -> Result<Self, Problem> {
        let token: Option<Self> = open(&PAGE, Some(tenant), text, "$skiptoken")?;
        token
            .filter(|it| it.resource == resource)
            .ok_or_else(expired_page)
    }
}

impl DeltaToken {
    /// The opaque text, for changes of this tenant.
    pub fn encode(&self, tenant: TenantId) -> String {
        seal(&DELTA, tenant, self)
    }

    /// Reads a token of `resource` in `tenant`.
    ///
    /// # Errors
    /// 400 `BadRequest` when the text is no token at all, 410 `syncStateNotFound` when it is not
    /// one of ours (any more) or belongs to another collection or tenant.
    pub fn decode(text: &str, resource: &str, tenant: TenantId) -> Result<Self, Problem> {
        Self::read(text, resource, Some(tenant))
    }

    /// `tenant`: whose it must be, if that matters.
    fn read(text: &str, resource: &str, tenant: Option<TenantId>) -> Result<Self, Problem> {
        let token: Option<Self> = open(&DELTA, tenant, text, "$deltatoken")?;
        // No database counts beyond that: such a token was made up.
        let ours = |it: &Self| it.resource == resource && i64::try_from(it.sequence).is_ok();
        token.filter(ours).ok_or_else(|| {
            gone(
                "syncStateNotFound",
                "The sync state generation is not found; continuing is not possible.",
            )
        })
    }

    /// Refuses a token older than its lifetime; Graph's is seven days for directory objects.
    ///
    /// # Errors
    /// 410 `resyncRequired`: the caller starts again without a token.
    pub fn check_age(&self, now: Timestamp, lifetime_seconds: i64) -> Result<(), Problem> {
        if now > self.issued_at.plus_seconds(lifetime_seconds) {
            return Err(resync_required());
        }
        Ok(())
    }
}

/// The query of a first request that stands for this one, whose token of `resource` is of no use any
/// more: with an empty token, and the options that the token carried, if it can be read, whichever tenant it is of.
/// `may_begin`: whether a first request may still select a name. Others are left out, for that request would be refused.
pub fn start_again(query: &str, resource: &str, may_begin: impl Fn(&str) -> bool) -> String {
    let token = QueryOptions::parse(query)
        .ok()
        .and_then(|it| it.deltatoken.or(it.skiptoken))
        .and_then(|text| DeltaToken::read(&text, resource, None).ok());
    let mut begins = "$deltatoken=".to_owned();
    if let Some(token) = token {
        let select = token.select.map(|names| {
            let left = names.split(',').filter(|it| may_begin(it.trim()));
            let left: Vec<&str> = left.collect();
            match left.is_empty() {
                true => "id".to_owned(),
                false => left.join(","),
            }
        });
        for (name, text) in [("$select", select), ("$filter", token.filter)] {
            if let Some(text) = text {
                let text = utf8_percent_encode(&text, PLAIN);
                begins.push_str(&format!("&{name}={text}"));
            }
        }
    }
    begins
}

/// What stands in a query as it is (RFC 3986, unreserved).
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Graph's answer to a delta token from before what can still be told: 410, start again without.
pub fn resync_required() -> Problem {
    gone(
        "resyncRequired",
        "The delta token has expired. Start again without a token.",
    )
}

/// Graph's answer to a page token it no longer knows.
pub fn expired_page() -> Problem {
    Problem::new(
        ProblemKind::BadRequest,
        "Directory_ExpiredPageToken",
        "The specified page token value has expired and can no longer be included in your request.",
    )
}

fn gone(code: &'static str, message: &str) -> Problem {
    Problem::new(ProblemKind::Gone, code, message)
}

/// Serialisations above so many bytes are deflated; most tokens are not worth it, and a build from before there was such a
/// form reads them.
const LONG: usize = 4096;

fn seal<T: Serialize>(versions: &Versions, tenant: TenantId, token: &T) -> String {
    // Serialising strings, bytes and numbers into a vector has no way to fail.
    let body = postcard::to_stdvec(&(tenant, token)).unwrap_or_default();
    let deflated = Some(&body).filter(|it| it.len() > LONG);
    let deflated = deflated
        .map(|it| deflate(it))
        .filter(|it| it.len() < body.len());
    let (version, body) = match deflated {
        Some(deflated) => (versions.deflated, deflated),
        None => (versions.bound, body),
    };
    let mut bytes = Vec::with_capacity(body.len() + 5);
    bytes.extend(head(version, &body));
    bytes.extend_from_slice(&body);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// `None` when the text is well-formed but not a token of this kind, of one of its versions and of this tenant.
fn open<T: DeserializeOwned>(
    versions: &Versions,
    tenant: Option<TenantId>,
    text: &str,
    option: &str,
) -> Result<Option<T>, Problem> {
    let malformed = || Problem::malformed(format!("The value of {option} is malformed."));
    if text.len() > limits::MAX_TOKEN_BYTES {
        return Err(malformed());
    }
    let bytes = URL_SAFE_NO_PAD
        .decode(text.trim_end_matches('='))
        .map_err(|_| malformed())?;
    let Some((found, body)) = bytes.split_at_checked(5) else {
        return Err(malformed());
    };
    let ours = |bound: Option<(TenantId, T)>| {
        let (_, token) = bound.filter(|(of, _)| tenant.is_none_or(|tenant| *of == tenant))?;
        Some(token)
    };
    Ok(if found == head(versions.bound, body) {
        ours(whole(body))
    } else if found == head(versions.deflated, body) {
        inflate(body).and_then(|body| ours(whole(&body)))
    } else if found == head(versions.of_any_tenant, body) {
        whole(body)
    } else {
        None
    })
}

fn deflate(body: &[u8]) -> Vec<u8> {
    let mut deflated = DeflateEncoder::new(Vec::new(), Compression::best());
    // Writing into a vector has no way to fail; were it to, nothing would be shorter than it was.
    let written = deflated.write_all(body).and_then(|()| deflated.finish());
    written.unwrap_or_else(|_| body.to_vec())
}

/// `None` for what is not deflated, or is longer than any token is.
fn inflate(body: &[u8]) -> Option<Vec<u8>> {
    let most = limits::MAX_TOKEN_BYTES;
    let mut inflated = Vec::new();
    let mut left = DeflateDecoder::new(body).take(most as u64 + 1);
    left.read_to_end(&mut inflated).ok()?;
    (inflated.len() <= most).then_some(inflated)
}

/// What the whole body says.
fn whole<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    let (value, rest) = postcard::take_from_bytes(body).ok()?;
    rest.is_empty().then_some(value)
}

/// What stands before a body.
fn head(version: u8, body: &[u8]) -> [u8; 5] {
    let [a, b, c, d] = checksum(version, body).to_be_bytes();
    [version, a, b, c, d]
}

/// FNV-1a, 32 bits, over the version and the body.
fn checksum(version: u8, body: &[u8]) -> u32 {
    std::iter::once(&version)
        .chain(body)
        .fold(0x811c_9dc5, |hash, byte| {
            (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
        })
}
