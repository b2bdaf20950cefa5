//! The certificate that the server shows. Another one in the files takes its place while the server runs: connections that
//! are open stay, the next handshake shows the new one.

use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use syncline_model::Timestamp;

use super::pair::{self, Content, Pair};
use crate::failure::Failure;

/// From so long before its end on it is said that a certificate ends.
const ENDS_SOON_DAYS: i64 = 14;

/// How far the end of a certificate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Nobody has to do anything yet.
    Far,
    Soon,
    Over,
}

impl End {
    pub fn of(end: Timestamp, now: Timestamp) -> Self {
        if end <= now {
            Self::Over
        } else if end < now.plus_seconds(ENDS_SOON_DAYS * 24 * 3600) {
            Self::Soon
        } else {
            Self::Far
        }
    }
}

/// Whose the files are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The operator's, who puts others there in time.
    Named,
    /// Made by us, anew when a server starts.
    Generated,
}

pub struct InUse {
    files: Pair,
    origin: Origin,
    /// What the one that is shown was read from. Held while the files are looked at: two who look take one pair.
    taken: Mutex<Content>,
    shown: RwLock<Arc<CertifiedKey>>,
}

impl std::fmt::Debug for InUse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InUse")
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

impl InUse {
    /// # Errors
    /// The files can not be read, or hold no certificate with its key.
    pub fn load(files: Pair, origin: Origin) -> Result<Self, Failure> {
        let content = files.read()?;
        let certified = files.certified(&content)?;
        Ok(Self {
            files,
            origin,
            taken: Mutex::new(content),
            shown: RwLock::new(Arc::new(certified)),
        })
    }

    pub fn files(&self) -> &Pair {
        &self.files
    }

    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// What to do before the certificate ends.
    pub fn renewed_how(&self) -> String {
        match self.origin {
            Origin::Named => format!(
                "Put a new one there, and its key in {}: they are taken within a minute",
                self.files.key.display()
            ),
            Origin::Generated => {
                "Restart the server: it makes a new one and a new CA, which clients must trust then"
                    .to_owned()
            }
        }
    }

    /// When the one that is shown ends, where that can be told.
    pub fn end(&self) -> Option<Timestamp> {
        pair::end(self.shown.read().cert.first()?)
    }

    /// Shows what is in the files now; `false`: it is shown already.
    ///
    /// # Errors
    /// The pair there can not be used: as long as only one of two files is replaced, they do not belong together. What was
    /// shown before is shown on.
    pub fn look_again(&self) -> Result<bool, Failure> {
        let mut taken = self.taken.lock();
        if self.files.is_read_once() {
            return Ok(false);
        }
        let content = self.files.read()?;
        if content == *taken {
            return Ok(false);
        }
        let certified = self.files.certified(&content)?;
        *self.shown.write() = Arc::new(certified);
        *taken = content;
        Ok(true)
    }

    /// Why what is in the files now can not be shown.
    pub fn fault(&self) -> Option<Failure> {
        if self.files.is_read_once() {
            return None;
        }
        let there = self.files.read().and_then(|it| self.files.certified(&it));
        there.err()
    }

    /// The server side's configuration, HTTP/2 and HTTP/1.1.
    pub fn server_config(self: &Arc<Self>) -> Arc<ServerConfig> {
        let mut config = ServerConfig::builder()
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(self) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Arc::new(config)
    }
}

impl ResolvesServerCert for InUse {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.shown.read()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;

    #[test]
    fn a_key_that_comes_through_a_pipe_is_not_waited_for_again() {
        let folder = tempfile::tempdir().unwrap();
        let files = Pair {
            certificate: folder.path().join("server.pem"),
            key: folder.path().join("server.key"),
        };
        let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        fs::write(&files.certificate, own.cert.pem()).unwrap();
        mknodat(CWD, &files.key, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let (pipe, key) = (files.key.clone(), own.signing_key.serialize_pem());
        let writer = std::thread::spawn(move || fs::write(pipe, key).unwrap());
        let shown = InUse::load(files, Origin::Named).unwrap();
        writer.join().unwrap();
        // Else the rest waits for ever.
        assert!(shown.files().is_read_once());
        assert!(!shown.look_again().unwrap());
        assert!(shown.fault().is_none());
    }
}
