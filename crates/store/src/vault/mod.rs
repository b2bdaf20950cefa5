//! Secrets at rest: AES-256-GCM under a key that lives beside the database in a file of its own.

pub(crate) mod key_check;
pub(crate) mod replace;

use std::fs;
use std::io::Write as _;
use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand;

use crate::backup::DigestKey;
use crate::{Result, StoreError};

/// The key that protects stored secrets and signing keys.
#[derive(PartialEq, Eq)]
pub struct MasterKey([u8; Self::LENGTH]);

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

impl MasterKey {
    /// Bytes of a key.
    pub const LENGTH: usize = 32;

    /// Reads the key file, or makes it (mode 0600) when there is none. An existing file that is not
    /// a key is an error and is left alone: overwriting it would lose every secret.
    pub fn load_or_create(path: &Path) -> Result<Self> {
        match Self::load(path) {
            Err(StoreError::File(error)) if error.kind() == std::io::ErrorKind::NotFound => {
                let key = Self::generate()?;
                key.write_new(path)?;
                Ok(key)
            }
            read => read,
        }
    }

    /// Reads the key file. [`StoreError::NotAKey`] when it is something else.
    pub fn load(path: &Path) -> Result<Self> {
        Self::from_bytes(&fs::read(path)?)
    }

    /// Writes the key file (mode 0600). One that is there is an error.
    pub fn write_new(&self, path: &Path) -> Result<()> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        self.write_to(&mut options.open(path)?)
    }

    /// Writes it into a new file; on the disk when this returns.
    pub fn write_to(&self, file: &mut fs::File) -> Result<()> {
        file.write_all(&self.0)?;
        file.sync_all()?;
        Ok(())
    }

    /// The key in a file, or in a backup that holds it.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let key = <[u8; Self::LENGTH]>::try_from(bytes);
        Ok(Self(
            key.map_err(|_| StoreError::NotAKey { bytes: bytes.len() })?,
        ))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// A new random key.
    pub fn generate() -> Result<Self> {
        let mut key = [0; Self::LENGTH];
        rand::fill(&mut key).map_err(|_| StoreError::NoRandomness)?;
        Ok(Self(key))
    }
}

/// Seals and opens document bodies. The place (tenant, kind, key) is authenticated, so a sealed
/// body can not be moved to another row.
pub(crate) struct Vault {
    key: Option<LessSafeKey>,
    /// Of the backups of what is sealed here.
    pub(crate) digest_key: DigestKey,
}

impl Vault {
    pub(crate) fn new(key: &MasterKey) -> Self {
        // 32 bytes are always a valid AES-256 key; sealing says so if the provider disagrees.
        Self {
            key: UnboundKey::new(&AES_256_GCM, &key.0)
                .ok()
                .map(LessSafeKey::new),
            digest_key: DigestKey::new(key),
        }
    }

    pub(crate) fn seal(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>> {
        let key = self.key.as_ref().ok_or(StoreError::Damaged("key file"))?;
        let mut nonce = [0; NONCE_LEN];
        rand::fill(&mut nonce).map_err(|_| StoreError::NoRandomness)?;
        let mut body = plain.to_vec();
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(place.as_bytes()),
            &mut body,
        )
        .map_err(|_| StoreError::NotEncoded("sealed document"))?;
        let mut sealed = nonce.to_vec();
        sealed.append(&mut body);
        Ok(sealed)
    }

    pub(crate) fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let key = self.key.as_ref().ok_or(StoreError::Damaged("key file"))?;
        if sealed.len() < NONCE_LEN {
            return Err(StoreError::Damaged("sealed document"));
        }
        let (nonce, body) = sealed.split_at(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(nonce)
            .map_err(|_| StoreError::Damaged("sealed document"))?;
        let mut body = body.to_vec();
        let plain = key
            .open_in_place(nonce, Aad::from(place.as_bytes()), &mut body)
            .map_err(|_| StoreError::Damaged("sealed document"))?;
        Ok(plain.to_vec())
    }
}
