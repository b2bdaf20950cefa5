//! Generated TLS: a local CA, limited to this machine's names, and a certificate for localhost.
//! Made once; the CA's certificate is what clients are told to trust.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Span;
use jiff::civil::Date;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CidrSubnet, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, KeyPair, KeyUsagePurpose, NameConstraints,
};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use syncline_model::Timestamp;

use crate::data_dir::{PRIVATE, new_file};
use crate::failure::Failure;
use crate::owner;

/// As open as this process makes files.
const PUBLIC: u32 = 0o666;

/// Clients on some systems refuse certificates that are good for longer than 825 days.
const GOOD_FOR_DAYS: i32 = 820;
/// Certificates that end sooner than this are made anew when a server starts.
const RENEW_BEFORE_DAYS: i64 = 30;

/// The files of generated TLS.
#[derive(Clone, Debug)]
pub struct Generated {
    pub ca: PathBuf,
    pub certificate: PathBuf,
    key: PathBuf,
}

impl Generated {
    /// Where the files of this folder are, whether they exist or not.
    pub fn files(folder: &Path) -> Self {
        Self {
            ca: folder.join("ca.pem"),
            certificate: folder.join("server.pem"),
            key: folder.join("server.key"),
        }
    }

    /// Whether all of them exist.
    pub fn exist(&self) -> bool {
        self.ca.exists() && self.certificate.exists() && self.key.exists()
    }

    /// Uses the certificates in `folder`, or makes them when there are none or they end soon.
    pub fn load_or_create(folder: &Path, now: Timestamp) -> Result<Self, Failure> {
        let files = Self::files(folder);
        let good_until = now.plus_seconds(RENEW_BEFORE_DAYS * 24 * 3600);
        // A file that can not be read is reported when it is used, not overwritten.
        let ends_soon = files.exist() && files.ends().is_ok_and(|end| end < good_until);
        if !files.exist() || ends_soon {
            files.create(folder, now)?;
        }
        Ok(files)
    }

    /// When the server's certificate ends.
    pub fn ends(&self) -> Result<Timestamp, Failure> {
        let pem = fs::read(&self.certificate)
            .map_err(|error| Failure::file("read", &self.certificate, &error))?;
        let unreadable = || {
            Failure::new(format!(
                "{} is not a certificate",
                self.certificate.display()
            ))
        };
        let (_, pem) = x509_parser::pem::parse_x509_pem(&pem).map_err(|_| unreadable())?;
        let certificate = pem.parse_x509().map_err(|_| unreadable())?;
        Ok(Timestamp::from_seconds(
            certificate.validity().not_after.timestamp(),
        ))
    }

    fn create(&self, folder: &Path, now: Timestamp) -> Result<(), Failure> {
        make_folder(folder)?;
        let made = |error: rcgen::Error| Failure::new(format!("cannot make certificates: {error}"));
        let today = now.to_civil().date();
        // A day early, for clocks that differ.
        let (year, month, day) = parts(today.saturating_sub(Span::new().days(1)));
        let begin = rcgen::date_time_ymd(year, month, day);
        let (year, month, day) = parts(today.saturating_add(Span::new().days(GOOD_FOR_DAYS)));
        let end = rcgen::date_time_ymd(year, month, day);

        let ca_key = KeyPair::generate().map_err(made)?;
        let mut ca = CertificateParams::default();
        ca.distinguished_name
            .push(DnType::CommonName, "Syncline local CA");
        ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        (ca.not_before, ca.not_after) = (begin, end);
        // Whoever steals this CA can not pose as anybody but this machine's own names.
        ca.name_constraints = Some(NameConstraints {
            permitted_subtrees: vec![
                GeneralSubtree::DnsName("localhost".to_owned()),
                GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(
                    IpAddr::V4(Ipv4Addr::LOCALHOST),
                    32,
                )),
                GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(
                    IpAddr::V6(Ipv6Addr::LOCALHOST),
                    128,
                )),
            ],
            excluded_subtrees: Vec::new(),
        });
        let issuer = CertifiedIssuer::self_signed(ca, ca_key).map_err(made)?;

        let leaf_key = KeyPair::generate().map_err(made)?;
        let mut leaf = CertificateParams::new(vec![
            "localhost".to_owned(),
            "127.0.0.1".to_owned(),
            "::1".to_owned(),
        ])
        .map_err(made)?;
        leaf.distinguished_name
            .push(DnType::CommonName, "localhost");
        (leaf.not_before, leaf.not_after) = (begin, end);
        // Python 3.13 refuses certificates without authority and subject key identifiers.
        leaf.use_authority_key_identifier_extension = true;
        leaf.is_ca = IsCa::ExplicitNoCa;
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = leaf.signed_by(&leaf_key, &issuer).map_err(made)?;

        // The CA's private key is not kept: nobody can ever sign with it again.
        write(&self.key, PRIVATE, &leaf_key.serialize_pem())?;
        write(&self.certificate, PUBLIC, &certificate.pem())?;
        write(&self.ca, PUBLIC, &issuer.pem())
    }

    /// The server side's configuration, HTTP/2 and HTTP/1.1.
    pub fn server_config(&self) -> Result<Arc<ServerConfig>, Failure> {
        server_config(&self.certificate, &self.key)
    }
}

/// Year, month and day as certificates are made with. rcgen does not re-export its time type, so
/// the parts are passed on instead of a value of it.
fn parts(date: Date) -> (i32, u8, u8) {
    // Month and day of a valid date fit.
    let part = |number: i8| u8::try_from(number).unwrap_or(1);
    (i32::from(date.year()), part(date.month()), part(date.day()))
}

/// A server configuration from PEM files.
pub fn server_config(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, Failure> {
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&read(certificate)?)
        .collect::<Result<_, _>>()
        .map_err(|error| unusable(certificate, &error))?;
    if chain.is_empty() {
        return Err(lacks("certificate", certificate));
    }
    let private = match PrivateKeyDer::from_pem_slice(&read(key)?) {
        Ok(private) => private,
        Err(rustls::pki_types::pem::Error::NoItemsFound) => {
            return Err(lacks("private key", key));
        }
        Err(error) => return Err(unusable(key, &error)),
    };
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => Failure::new(format!(
                "the private key in {} does not belong to the certificate in {}",
                key.display(),
                certificate.display()
            ))
            .with_help("the server's own certificate comes first in its file, before those of its authorities"),
            error => unusable(certificate, &error),
        })?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| Failure::file("read the TLS file", path, &error))
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

/// It belongs to whom the data directory belongs to.
fn make_folder(folder: &Path) -> Result<(), Failure> {
    let failed = |error| Failure::file("create", folder, &error);
    let above = folder.parent().unwrap_or(folder);
    fs::create_dir_all(above).map_err(failed)?;
    match fs::create_dir(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        made => made
            .and_then(|()| fs::File::open(folder))
            .map_err(failed)
            .and_then(|made| owner::give(&made, folder, above)),
    }
}

/// Always a new file: one that is there keeps its mode, and whoever has it open reads what is written; and a link would
/// be followed.
fn write(path: &Path, mode: u32, text: &str) -> Result<(), Failure> {
    let failed = |error| Failure::file("write", path, &error);
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let new = Path::new(&new);
    match fs::remove_file(new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let folder = path.parent().unwrap_or(path);
    new_file(new, mode, folder)?
        .write_all(text.as_bytes())
        .and_then(|()| fs::rename(new, path))
        .map_err(failed)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn nobody_else_reads_a_private_key_that_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("tls");
        let now = Timestamp::from_seconds(1_700_000_000);
        let made = Generated::load_or_create(&folder, now).unwrap();
        let key = || fs::read_to_string(&made.key).unwrap();
        let mode = || fs::metadata(&made.key).unwrap().permissions().mode() & 0o777;
        let first = key();
        assert_eq!(mode(), 0o600);
        // From a backup that kept no modes.
        fs::set_permissions(&made.key, fs::Permissions::from_mode(0o644)).unwrap();
        fs::write(folder.join("server.key.new"), "of a run that was cut off").unwrap();
        let at_the_end = now.plus_seconds(i64::from(GOOD_FOR_DAYS) * 24 * 3600);
        Generated::load_or_create(&folder, at_the_end).unwrap();
        assert_ne!(key(), first);
        assert_eq!(mode(), 0o600);
        made.server_config().unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 3);
    }
}
