//! Making a CA and a certificate for this machine's names.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

use jiff::Span;
use jiff::civil::Date;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CidrSubnet, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, KeyPair, KeyUsagePurpose, NameConstraints,
};
use syncline_model::Timestamp;

use super::{CA_NAME, Generated};
use crate::data_dir::{PRIVATE, new_file};
use crate::failure::Failure;
use crate::owner;

/// As open as this process makes files.
pub(super) const PUBLIC: u32 = 0o666;

/// Clients on some systems refuse certificates that are good for longer than 825 days.
pub(super) const GOOD_FOR_DAYS: i32 = 820;

impl Generated {
    pub(super) fn create(&self, folder: &Path, now: Timestamp) -> Result<(), Failure> {
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
        ca.distinguished_name.push(DnType::CommonName, CA_NAME);
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

        // The CA's private key is not kept: nobody can ever sign with it again. With it a renewal could keep the CA, and clients
        // would not have to be told; but it would have to be good for longer than any certificate, and whoever reads the
        // data directory once could pose as this machine's names for all of that time.
        //
        // The server's certificate comes last: with it all are of one making. Where that is cut off, it does not belong to what
        // is beside it, and all are made anew.
        write(&self.ca, PUBLIC, &issuer.pem())?;
        write(&self.pair.key, PRIVATE, &leaf_key.serialize_pem())?;
        write(&self.pair.certificate, PUBLIC, &certificate.pem())
    }
}

/// Year, month and day as certificates are made with. rcgen does not re-export its time type, so
/// the parts are passed on instead of a value of it.
fn parts(date: Date) -> (i32, u8, u8) {
    // Month and day of a valid date fit.
    let part = |number: i8| u8::try_from(number).unwrap_or(1);
    (i32::from(date.year()), part(date.month()), part(date.day()))
}

/// It belongs to whom the data directory belongs to.
pub(super) fn make_folder(folder: &Path) -> Result<(), Failure> {
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
pub(super) fn write(path: &Path, mode: u32, text: &str) -> Result<(), Failure> {
    let failed = |error| Failure::file("write", path, &error);
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let new = Path::new(&new);
    match fs::remove_file(new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let folder = path.parent().unwrap_or(path);
    let mut file = new_file(new, mode, folder)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(new, path))
        // On the disk before the next one is: a power cut must not leave the last without the others.
        .and_then(|()| fs::File::open(folder)?.sync_all())
        .map_err(failed)
}
