//! A certificate with its chain and its private key, in two PEM files.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use syncline_model::Timestamp;
use x509_parser::certificate::X509Certificate;

use crate::failure::Failure;

/// Longer than any chain: what is named by mistake is not read to its end.
const LONGEST: u64 = 1 << 20;

/// Where they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// What is in the files, whatever it is.
#[derive(PartialEq, Eq)]
pub struct Content {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

/// What was found in them, which need not belong together.
pub struct Found {
    /// The server's own certificate first.
    pub chain: Vec<CertificateDer<'static>>,
    private: PrivateKeyDer<'static>,
}

impl Pair {
    /// # Errors
    /// A file can not be read.
    pub fn read(&self) -> Result<Content, Failure> {
        Ok(Content {
            certificate: read(&self.certificate)?,
            key: read(&self.key)?,
        })
    }

    /// Whether one of them is a pipe, say, from which nothing comes a second time: whoever reads it again waits for ever.
    pub fn is_read_once(&self) -> bool {
        [&self.certificate, &self.key]
            .iter()
            .any(|file| fs::metadata(file).is_ok_and(|found| !found.is_file()))
    }

    /// # Errors
    /// There is no certificate in the one, or no private key in the other.
    pub fn find(&self, content: &Content) -> Result<Found, Failure> {
        let chain: Vec<CertificateDer<'static>> =
            CertificateDer::pem_slice_iter(&content.certificate)
                .collect::<Result<_, _>>()
                .map_err(|error| unusable(&self.certificate, &error))?;
        if chain.is_empty() {
            return Err(lacks("certificate", &self.certificate));
        }
        let private = match PrivateKeyDer::from_pem_slice(&content.key) {
            Ok(private) => private,
            Err(pem::Error::NoItemsFound) => return Err(lacks("private key", &self.key)),
            Err(error) => return Err(unusable(&self.key, &error)),
        };
        Ok(Found { chain, private })
    }

    /// What handshakes are answered with.
    ///
    /// # Errors
    /// The content can not be used, or key and certificate do not belong together.
    pub fn certified(&self, content: &Content) -> Result<CertifiedKey, Failure> {
        self.find(content)?.together().map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => Failure::new(format!(
                "the private key in {} does not belong to the certificate in {}",
                self.key.display(),
                self.certificate.display()
            ))
            .with_help("the server's own certificate comes first in its file, before those of its authorities"),
            error => unusable(&self.certificate, &error),
        })
    }
}

impl Found {
    /// # Errors
    /// `InconsistentKeys`: the key is another certificate's.
    pub fn together(self) -> Result<CertifiedKey, rustls::Error> {
        CertifiedKey::from_der(self.chain, self.private, &aws_lc_rs::default_provider())
    }
}

/// From when until when a certificate is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    pub begin: Timestamp,
    pub end: Timestamp,
}

impl Validity {
    pub fn of(certificate: &X509Certificate<'_>) -> Self {
        let told = certificate.validity();
        Self {
            begin: Timestamp::from_seconds(told.not_before.timestamp()),
            end: Timestamp::from_seconds(told.not_after.timestamp()),
        }
    }

    /// `None`: it can be shown to clients, and not be told by us.
    pub fn read(certificate: &CertificateDer<'_>) -> Option<Self> {
        let (_, parsed) = x509_parser::parse_x509_certificate(certificate).ok()?;
        Some(Self::of(&parsed))
    }

    pub fn holds(self, now: Timestamp) -> bool {
        self.begin <= now && now < self.end
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |error| Failure::file("read the TLS file", path, &error);
    let file = fs::File::open(path).map_err(failed)?;
    let mut content = Vec::new();
    file.take(LONGEST)
        .read_to_end(&mut content)
        .map_err(failed)?;
    Ok(content)
}

fn unusable(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::new(format!(
        "cannot use the TLS file {}: {error}",
        path.display()
    ))
}

/// The two files are easily swapped.
fn lacks(what: &str, path: &Path) -> Failure {
    Failure::new(format!("no {what} was found in {}", path.display())).with_help(
        "--tls-cert names the PEM file with the certificate chain, --tls-key the one with its private key",
    )
}
