//! The digest at the end of a backup, behind what SQLite reads: by it a restore tells that the file is
//! the one that was written, whole and by somebody who had the installation's key.
//!
//! Its last 80 bytes: a mark, which key it was made with, and HMAC-SHA-256
//! ([RFC 2104](https://www.rfc-editor.org/rfc/rfc2104)) of everything before that.

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom, Write};
use std::path::Path;

use aws_lc_rs::hmac::{self, HMAC_SHA256};
use rustix::fs::OFlags;

use super::{GoOn, new_file};
use crate::{MasterKey, Result};

const MARK: &[u8; 16] = b"syncline digest\x01";
const TAG: usize = 32;
/// Of what stands at the end of the file.
const LENGTH: usize = MARK.len() + 2 * TAG;
/// Bytes read at once, before each of which [`GoOn`] is asked.
pub(super) const PAGE: usize = 64 * 1024;

/// What backups are digested with. It is derived, so that it tells nothing of the key that seals.
pub(crate) struct DigestKey(hmac::Key);

impl DigestKey {
    pub(crate) fn new(key: &MasterKey) -> Self {
        let master = hmac::Key::new(HMAC_SHA256, key.bytes());
        let derived = hmac::sign(&master, b"syncline backup digest");
        Self(hmac::Key::new(HMAC_SHA256, derived.as_ref()))
    }

    /// Tells keys apart and no more.
    fn name(&self) -> hmac::Tag {
        hmac::sign(&self.0, NAME)
    }

    /// Of so much of a file, which is written to `copy`, too.
    fn digest(
        &self,
        file: &mut impl Read,
        length: u64,
        copy: &mut impl Write,
        go_on: GoOn<'_>,
    ) -> Result<hmac::Context> {
        let mut context = hmac::Context::with_key(&self.0);
        let mut page = vec![0; PAGE];
        let mut left = file.take(length);
        loop {
            go_on()?;
            let read = left.read(&mut page)?;
            let read = page.get(..read).unwrap_or_default();
            if read.is_empty() {
                return Ok(context);
            }
            context.update(read);
            copy.write_all(read)?;
        }
    }
}

/// No file is as short as this, so a name is never the digest of one.
const NAME: &[u8] = b"name";

/// What a backup says at its end.
#[derive(Debug)]
pub(super) struct Digest {
    /// How long the database before it is.
    pub(super) database: u64,
    name: [u8; TAG],
    tag: [u8; TAG],
}

impl Digest {
    /// Writes it to the end of a file that has none; on the disk when this returns. Reads all of the file, so
    /// who made it may be gone meanwhile.
    pub(super) fn append(path: &Path, key: &DigestKey, go_on: GoOn<'_>) -> Result<()> {
        let mut file = new_file::open(path, OFlags::RDWR | OFlags::APPEND)?;
        let length = file.metadata()?.len();
        let mut context = key.digest(&mut file, length, &mut io::sink(), go_on)?;
        let mut head = MARK.to_vec();
        head.extend_from_slice(key.name().as_ref());
        context.update(&head);
        head.extend_from_slice(context.sign().as_ref());
        file.write_all(&head)?;
        file.sync_all()?;
        Ok(())
    }

    /// `None` when the file ends without one.
    pub(super) fn of(path: &Path) -> io::Result<Option<Self>> {
        let mut file = File::open(path)?;
        let Some(database) = file.metadata()?.len().checked_sub(LENGTH as u64) else {
            return Ok(None);
        };
        file.seek(SeekFrom::Start(database))?;
        let mut mark = [0; MARK.len()];
        file.read_exact(&mut mark)?;
        let (mut name, mut tag) = ([0; TAG], [0; TAG]);
        file.read_exact(&mut name)?;
        file.read_exact(&mut tag)?;
        Ok((mark == *MARK).then_some(Self {
            database,
            name,
            tag,
        }))
    }

    /// Whether it was made with this key.
    pub(super) fn is_of(&self, key: &DigestKey) -> bool {
        hmac::verify(&key.0, NAME, &self.name).is_ok()
    }

    /// Whether the file is as it was when the digest was made. Reads all of it, a page at a time.
    pub(super) fn matches(&self, path: &Path, key: &DigestKey) -> Result<bool> {
        self.matches_copied(path, key, &mut io::sink())
    }

    /// The same of the very bytes that this writes to `copy`: the database, without what stands behind it. Another
    /// reading of the file may be of another one: whoever may write where it is may put one there at any time.
    pub(super) fn matches_copied(
        &self,
        path: &Path,
        key: &DigestKey,
        copy: &mut impl Write,
    ) -> Result<bool> {
        let mut file = File::open(path)?;
        let mut context = key.digest(&mut file, self.database, copy, &mut || Ok(()))?;
        context.update(MARK);
        context.update(&self.name);
        // Without telling by the time it takes how much of it is right.
        Ok(
            aws_lc_rs::constant_time::verify_slices_are_equal(context.sign().as_ref(), &self.tag)
                .is_ok(),
        )
    }
}
