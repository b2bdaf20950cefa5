//! A certificate with its chain and its private key, in two PEM files.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};

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

    /// The server side's configuration, HTTP/2 and HTTP/1.1.
    pub fn server_config(&self) -> Result<Arc<ServerConfig>, Failure> {
        let certified = self.certified(&self.read()?)?;
        let mut config = ServerConfig::builder()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

impl Found {
    /// # Errors
    /// `InconsistentKeys`: the key is another certificate's.
    pub fn together(self) -> Result<CertifiedKey, rustls::Error> {
        CertifiedKey::from_der(self.chain, self.private, &aws_lc_rs::default_provider())
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
