//! The RSA keys that sign tokens: made when first needed, sealed in the store, replaced every
//! ninety days. A replaced key stays published until the last token it signed has expired. One that
//! others may have is withdrawn: then no token is good that it signed.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use syncline_model::{Problem, Timestamp};
use syncline_store::{Document, StoreError, Tx};
use zeroize::Zeroizing;

use crate::Access;
use crate::withdrawn_keys::{self, WithdrawnKeys};

const ROTATE_AFTER_SECONDS: i64 = 90 * 24 * 3600;
/// Longer than any token lives, with room for clocks that disagree.
const KEEP_REPLACED_SECONDS: i64 = 24 * 3600;

/// So long a node goes on with the keys it has read: another node may have made a new one. Far less
/// than a replaced key is kept, so no node signs with a key that the others have forgotten. Other nodes
/// take tokens of a withdrawn key for as long.
pub const READ_AGAIN_AFTER_SECONDS: i64 = 60;

/// So long none is made where none could be made.
const MAKE_AGAIN_AFTER_SECONDS: i64 = 60;

/// A private key, as stored.
#[derive(Clone, Serialize, Deserialize)]
pub struct SigningKey {
    /// PKCS #8 DER in base64.
    pkcs8: String,
    created_at: Timestamp,
    replaced_at: Option<Timestamp>,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey")
            .field("created_at", &self.created_at)
            .finish_non_exhaustive()
    }
}

/// All keys of the installation, newest first. One document, key `all`.
#[derive(Default, Serialize, Deserialize)]
struct SigningKeys(Vec<SigningKey>);

impl Document for SigningKeys {
    const KIND: &'static str = "signing_keys";
    const SEALED: bool = true;
}

const KEY: &str = "all";

/// A key ready for use.
pub(crate) struct ReadyKey {
    pub(crate) kid: String,
    pub(crate) encoding: EncodingKey,
    pub(crate) decoding: DecodingKey,
    modulus: String,
    exponent: String,
}

/// The keys ready for use, newest first.
pub(crate) struct KeyRing {
    keys: Vec<ReadyKey>,
    withdrawn: WithdrawnKeys,
    newest_created_at: Timestamp,
    loaded_at: Timestamp,
}

impl KeyRing {
    pub(crate) fn newest(&self) -> Result<&ReadyKey, Problem> {
        self.keys
            .first()
            .ok_or_else(|| Problem::internal("there is no signing key"))
    }

    pub(crate) fn find(&self, kid: &str) -> Option<&ReadyKey> {
        self.keys.iter().find(|key| key.kid == kid)
    }

    /// Whether it was ours a short while ago.
    pub(crate) fn is_withdrawn(&self, kid: &str) -> bool {
        self.withdrawn.contains(kid)
    }

    pub(crate) fn was_read_within(&self, seconds: i64, now: Timestamp) -> bool {
        is_within(self.loaded_at, seconds, now)
    }

    fn is_fresh(&self, now: Timestamp) -> bool {
        signs_still(self.newest_created_at, now)
    }
}

/// What came of [`replace`].
#[derive(Clone, Debug)]
pub struct Replaced {
    /// `kid` of the key that signs from now on.
    pub kid: String,
    /// How many keys were withdrawn.
    pub withdrawn: usize,
}

/// Fewer than so many seconds ago. Not what is still to come: the clock was set back since.
fn is_within(at: Timestamp, seconds: i64, now: Timestamp) -> bool {
    at <= now && now < at.plus_seconds(seconds)
}

/// Whether a key that was made then is not to be replaced yet. One that a clock that was ahead has made would never be.
fn signs_still(created_at: Timestamp, now: Timestamp) -> bool {
    now < created_at.plus_seconds(ROTATE_AFTER_SECONDS) && !created_at.is_told_too_early(now)
}

/// Makes a key. Takes about two tenths of a second.
pub fn generate(now: Timestamp) -> Result<SigningKey, Problem> {
    let failed = |_| Problem::internal("an RSA key could not be made");
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
    let pkcs8 = pair.as_der().map_err(failed)?;
    Ok(SigningKey {
        pkcs8: STANDARD.encode(pkcs8.as_ref()),
        created_at: now,
        replaced_at: None,
    })
}

/// Makes a key the newest one. Those replaced long ago are forgotten.
pub fn install(tx: &mut Tx<'_>, now: Timestamp, key: SigningKey) -> Result<(), Problem> {
    let mut keys: SigningKeys = tx.document(None, KEY)?.unwrap_or_default();
    for replaced in &mut keys.0 {
        let at = replaced.replaced_at;
        // Nor is one kept until a time that only a clock that was ahead has seen.
        let at = at.filter(|at| !at.is_told_too_early(now));
        replaced.replaced_at = at.or(Some(now));
    }
    keys.0.retain(|old| {
        old.replaced_at
            .is_none_or(|at| now < at.plus_seconds(KEEP_REPLACED_SECONDS))
    });
    keys.0.insert(0, key);
    tx.put_document(None, KEY, &keys, None)?;
    Ok(())
}

/// Makes a key the only one: no token is good any more that another has signed. For when others may have
/// those, so nothing of them is kept, and they need not be readable.
pub fn replace(tx: &mut Tx<'_>, now: Timestamp, key: SigningKey) -> Result<Replaced, Problem> {
    let kid = ready(&key)?.kid;
    let old = match tx.document::<SigningKeys>(None, KEY) {
        Err(StoreError::Damaged(_)) => SigningKeys::default(),
        read => read?.unwrap_or_default(),
    };
    let kids: Vec<String> = old
        .0
        .iter()
        .filter_map(|key| ready(key).ok())
        .map(|key| key.kid)
        .collect();
    let withdrawn = kids.len();
    let mut known = WithdrawnKeys::stored(tx)?;
    known.add(kids, now);
    let until = withdrawn_keys::expires_at(now);
    tx.put_document(None, WithdrawnKeys::KEY, &known, Some(until))?;
    tx.put_document(None, KEY, &SigningKeys(vec![key]), None)?;
    Ok(Replaced { kid, withdrawn })
}

impl Access {
    /// JSON Web Key Set: the public halves.
    pub fn jwks(&self) -> Result<Value, Problem> {
        // Whoever asks may hold a token that another node has signed a moment ago.
        let mut ring = self.verifying_keys_anew()?;
        if ring.keys.is_empty() {
            ring = self.key_ring()?;
        }
        let keys: Vec<Value> = ring
            .keys
            .iter()
            .map(|key| {
                json!({
                    "kty": "RSA", "use": "sig", "alg": "RS256", "kid": key.kid,
                    "n": key.modulus, "e": key.exponent,
                })
            })
            .collect();
        Ok(json!({ "keys": keys }))
    }

    /// Makes a new signing key now; tokens signed with the one before stay valid.
    pub fn rotate_signing_key(&self) -> Result<(), Problem> {
        let now = self.clock.now();
        let key = generate(now)?;
        self.store.write(|tx| install(tx, now, key))?;
        self.keys.forget();
        Ok(())
    }

    /// Makes a new signing key now, and withdraws all others: their tokens are refused, here from now on and by
    /// other nodes within [`READ_AGAIN_AFTER_SECONDS`].
    pub fn replace_signing_keys(&self) -> Result<Replaced, Problem> {
        let now = self.clock.now();
        let key = generate(now)?;
        let replaced = self.store.write(|tx| replace(tx, now, key))?;
        self.keys.forget();
        Ok(replaced)
    }

    /// The keys to sign with; makes the first one, and a new one when the newest is too old. Where none can be
    /// made, the old one goes on.
    pub(crate) fn key_ring(&self) -> Result<Arc<KeyRing>, Problem> {
        let ring = self.verifying_keys()?;
        if ring.is_fresh(self.clock.now()) {
            return Ok(ring);
        }
        if ring.keys.is_empty() {
            // Held, so that two callers do not both make one.
            let _making = self.making_key.lock();
            return self.make_key();
        }
        // Who finds another at it has no need to wait: the old one is still good.
        let Some(mut failed_at) = self.making_key.try_lock() else {
            return Ok(ring);
        };
        let now = self.clock.now();
        if failed_at.is_some_and(|at| is_within(at, MAKE_AGAIN_AFTER_SECONDS, now)) {
            return Ok(ring);
        }
        let made = self.make_key();
        *failed_at = made.is_err().then_some(now);
        Ok(made.unwrap_or_else(|problem| {
            tracing::warn!(%problem, "a new signing key could not be made: the old one goes on");
            ring
        }))
    }

    fn make_key(&self) -> Result<Arc<KeyRing>, Problem> {
        let now = self.clock.now();
        // What another has made since they were read, is found now.
        let ring = self.read_keys()?;
        if ring.is_fresh(now) {
            return Ok(ring);
        }
        let key = generate(now)?;
        self.store.write(|tx| {
            let current: SigningKeys = tx.document(None, KEY)?.unwrap_or_default();
            // Another node may have been faster.
            let newest = current.0.first().map(|key| key.created_at);
            match newest.is_some_and(|at| signs_still(at, now)) {
                true => Ok(()),
                false => install(tx, now, key),
            }
        })?;
        self.keys.forget();
        self.read_keys()
    }

    /// The keys to verify with, as they were a minute ago at most. Makes none: what is only verified is also
    /// verified where nothing can be written.
    pub(crate) fn verifying_keys(&self) -> Result<Arc<KeyRing>, Problem> {
        self.keys_read_within(READ_AGAIN_AFTER_SECONDS)
    }

    /// Reads the keys again, so that a key made by another node is found; at most once a second,
    /// because anybody can send a token that names an unknown key.
    pub(crate) fn verifying_keys_anew(&self) -> Result<Arc<KeyRing>, Problem> {
        self.keys_read_within(1)
    }

    fn keys_read_within(&self, seconds: i64) -> Result<Arc<KeyRing>, Problem> {
        match self.keys.read_within(seconds, self.clock.now()) {
            Some(ring) => Ok(ring),
            None => self.read_keys(),
        }
    }

    fn read_keys(&self) -> Result<Arc<KeyRing>, Problem> {
        let reading = self.keys.begin_reading();
        let now = self.clock.now();
        let (stored, withdrawn): (SigningKeys, _) = self.store.read(|reader| {
            let keys = reader.document(None, KEY)?.unwrap_or_default();
            Ok::<_, Problem>((keys, WithdrawnKeys::stored(reader)?))
        })?;
        let ring = Arc::new(ready_all(&stored, withdrawn, now)?);
        self.keys.remember(&reading, &ring);
        Ok(ring)
    }
}

fn ready_all(
    stored: &SigningKeys,
    withdrawn: WithdrawnKeys,
    loaded_at: Timestamp,
) -> Result<KeyRing, Problem> {
    let keys = stored.0.iter().map(ready).collect::<Result<Vec<_>, _>>()?;
    let newest_created_at = stored
        .0
        .first()
        .map(|key| key.created_at)
        .unwrap_or_default();
    Ok(KeyRing {
        keys,
        withdrawn,
        newest_created_at,
        loaded_at,
    })
}

fn ready(stored: &SigningKey) -> Result<ReadyKey, Problem> {
    let damaged = || Problem::internal("a signing key in the store cannot be read");
    let pem = Zeroizing::new(format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        stored
            .pkcs8
            .as_bytes()
            .chunks(64)
            .map(String::from_utf8_lossy)
            .collect::<Vec<_>>()
            .join("\n")
    ));
    let encoding = EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(|_| damaged())?;
    let public = Jwk::from_encoding_key(&encoding, Algorithm::RS256).map_err(|_| damaged())?;
    let AlgorithmParameters::RSA(public) = public.algorithm else {
        return Err(damaged());
    };
    Ok(ReadyKey {
        // Derived from the public key: the same on every node, nothing to store.
        kid: URL_SAFE_NO_PAD.encode(&digest(&SHA256, public.n.as_bytes()).as_ref()[..20]),
        encoding,
        decoding: DecodingKey::from_rsa_components(&public.n, &public.e).map_err(|_| damaged())?,
        modulus: public.n,
        exponent: public.e,
    })
}
