//! The certificate that the server shows. Another one in the files takes its place while the server runs: connections that
//! are open stay, the next handshake shows the new one.

use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use syncline_model::Timestamp;

use super::pair::{Content, Pair, Validity};
use crate::failure::Failure;

/// From so long before its end on it is said that a certificate ends.
const ENDS_SOON_DAYS: i64 = 14;

/// How far the end of a certificate is, and its begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Nobody has to do anything yet.
    Far,
    Soon,
    Over,
    /// Clients refuse it still: it was made by a clock that was ahead, or this one is behind.
    NotYet,
}

impl End {
    pub fn of(Validity { begin, end }: Validity, now: Timestamp) -> Self {
        if begin > now {
            Self::NotYet
        } else if end <= now {
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

    /// From when until when the one that is shown is good, where that can be told.
    pub fn validity(&self) -> Option<Validity> {
        Validity::read(self.shown.read().cert.first()?)
    }

    /// Shows what is in the files now; `false`: it is shown already.
    ///
    /// # Errors
    /// The pair there can not be used: as long as only one of two files is replaced, they do not belong together. What was
    /// shown before is shown on. So it is while it is good itself and the one there is not yet.
    pub fn look_again(&self, now: Timestamp) -> Result<bool, Failure> {
        let mut taken = self.taken.lock();
        if self.files.is_read_once() {
            return Ok(false);
        }
        let content = self.files.read()?;
        if content == *taken {
            return Ok(false);
        }
        let certified = self.files.certified(&content)?;
        self.refuse_early(&certified, now)?;
        *self.shown.write() = Arc::new(certified);
        *taken = content;
        Ok(true)
    }

    /// Why what is in the files now can not be shown.
    pub fn fault(&self, now: Timestamp) -> Option<Failure> {
        if self.files.is_read_once() {
            return None;
        }
        let there = self.files.read().and_then(|it| self.files.certified(&it));
        there.and_then(|there| self.refuse_early(&there, now)).err()
    }

    /// Clients that take the one that is shown would refuse one that is not good yet.
    fn refuse_early(&self, there: &CertifiedKey, now: Timestamp) -> Result<(), Failure> {
        let begin = there.cert.first().and_then(Validity::read);
        match begin.map(|it| it.begin) {
            Some(begin) if begin > now && self.validity().is_some_and(|it| it.holds(now)) => {
                Err(Failure::new(format!(
                    "the certificate in {} is not good before {}",
                    self.files.certificate.display(),
                    begin.to_seconds_text()
                )))
            }
            _ => Ok(()),
        }
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
    use std::fs;

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000 * 10_000_000);
    const DAY: i64 = 24 * 3600;

    /// Puts a certificate of an operator there, that is good for so many days from a day on, both counted from now.
    fn put(files: &Pair, begin: i64, days: i64) {
        let mut own = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let date = |days: i64| {
            let date = NOW.plus_seconds(days * DAY).to_civil().date();
            let part = |number: i8| u8::try_from(number).unwrap();
            rcgen::date_time_ymd(i32::from(date.year()), part(date.month()), part(date.day()))
        };
        (own.not_before, own.not_after) = (date(begin), date(begin + days));
        let key = rcgen::KeyPair::generate().unwrap();
        fs::write(&files.certificate, own.self_signed(&key).unwrap().pem()).unwrap();
        fs::write(&files.key, key.serialize_pem()).unwrap();
    }

    #[test]
    fn a_certificate_that_is_not_good_yet_is_not_taken_in_place_of_one_that_is() {
        let folder = tempfile::tempdir().unwrap();
        let files = Pair {
            certificate: folder.path().join("server.pem"),
            key: folder.path().join("server.key"),
        };
        put(&files, -10, 40);
        let shown = InUse::load(files.clone(), Origin::Named).unwrap();
        put(&files, 5, 100);
        let refused = shown.look_again(NOW).unwrap_err();
        assert!(
            refused.message.contains("is not good before"),
            "{refused:?}"
        );
        assert!(shown.fault(NOW).is_some());
        assert_eq!(End::of(shown.validity().unwrap(), NOW), End::Far);
        // When its time has come.
        let then = NOW.plus_seconds(6 * DAY);
        assert!(shown.fault(then).is_none());
        assert!(shown.look_again(then).unwrap());
        assert!(!shown.look_again(then).unwrap());
        assert_eq!(End::of(shown.validity().unwrap(), NOW), End::NotYet);
        // Nothing better is there: the one as bad as the other.
        put(&files, 7, 100);
        assert!(shown.look_again(NOW).unwrap());
    }

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
        assert!(!shown.look_again(NOW).unwrap());
        assert!(shown.fault(NOW).is_none());
    }
}
