//! Generated TLS: a local CA, limited to this machine's names, and a certificate for localhost.
//! Made once; the CA's certificate is what clients are told to trust.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

use jiff::Span;
use jiff::civil::Date;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CidrSubnet, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, KeyPair, KeyUsagePurpose, NameConstraints,
};
use syncline_model::Timestamp;
use x509_parser::certificate::X509Certificate;

use super::{Pair, Validity};
use crate::data_dir::{PRIVATE, new_file};
use crate::failure::Failure;
use crate::output;
use crate::owner;

/// As open as this process makes files.
const PUBLIC: u32 = 0o666;

/// Clients on some systems refuse certificates that are good for longer than 825 days.
const GOOD_FOR_DAYS: i32 = 820;
/// Certificates that end sooner than this are made anew when a server starts.
const RENEW_BEFORE_DAYS: i64 = 30;
/// Certificates that begin later than so far ahead were made by a clock that was ahead, or this one is behind: they are not
/// used now. They begin a day before they are made.
const BEGINS_AHEAD_DAYS: i64 = 1;

/// By this name certificates that we made are known.
const CA_NAME: &str = "Syncline local CA";

/// The files of generated TLS.
#[derive(Clone, Debug)]
pub struct Generated {
    pub ca: PathBuf,
    pub pair: Pair,
}

/// Why the files can not be used as they are.
#[derive(Clone, Debug)]
pub enum Fault {
    /// None of them is there.
    Absent,
    /// This one is missing or empty.
    Incomplete(PathBuf),
    /// Each may be good, and they are not of one making: clients that trust the CA refuse the server.
    Mixed(String),
    /// What is in one of them can not be read, or is something else.
    Unusable(Failure),
}

/// What is there, and belongs together.
#[derive(Clone, Copy, Debug)]
pub struct Whole {
    /// From when until when the server's certificate is good.
    pub validity: Validity,
    /// Whether it is of our making. Somebody may have put his own there.
    pub ours: bool,
}

impl Generated {
    /// Where the files of this folder are, whether they exist or not.
    pub fn files(folder: &Path) -> Self {
        Self::named(folder, "")
    }

    /// Where those are that were renewed last.
    fn old(folder: &Path) -> Self {
        Self::named(folder, ".old")
    }

    fn named(folder: &Path, ending: &str) -> Self {
        let file = |name: &str| folder.join(format!("{name}{ending}"));
        Self {
            ca: file("ca.pem"),
            pair: Pair {
                certificate: file("server.pem"),
                key: file("server.key"),
            },
        }
    }

    /// Uses the certificates in `folder`, or makes them when there are none, they end soon, were not made together, or are
    /// of a time to come. Those that are renewed are kept until the next time: the clock by which they end soon, or have not
    /// begun, may be the one that is wrong.
    pub fn load_or_create(folder: &Path, now: Timestamp) -> Result<Self, Failure> {
        let files = Self::files(folder);
        let good_until = now.plus_seconds(RENEW_BEFORE_DAYS * 24 * 3600);
        let begun_by = now.plus_seconds(BEGINS_AHEAD_DAYS * 24 * 3600);
        let found = files.look();
        let is_renewed = found.is_ok();
        let why = match found {
            // Of a clock that is wrong it is not known whether it was that one or is this one: what is there is kept in both
            // cases, and what was kept is asked for first.
            Ok(whole)
                if whole.ours
                    && (whole.validity.begin > begun_by || whole.validity.end < good_until) =>
            {
                let file = files.pair.certificate.display();
                let (why, was) = if whole.validity.begin > begun_by {
                    let begin = whole.validity.begin.to_seconds_text();
                    let why = format!("the certificate in {file} is not good before {begin}");
                    (why, "ahead")
                } else {
                    let end = whole.validity.end.to_seconds_text();
                    (format!("the certificate in {file} ends at {end}"), "behind")
                };
                if files.put_back(folder, now, good_until)? {
                    output::warning(&format!(
                        "{why}: it was made by a clock that was {was}. The one from before is used again, with its CA in {}",
                        files.ca.display()
                    ));
                    return Ok(files);
                }
                files.keep(folder)?;
                why
            }
            // What can not be read is reported when it is used, not overwritten.
            Ok(_) | Err(Fault::Unusable(_)) => return Ok(files),
            Err(Fault::Absent) => {
                files.create(folder, now)?;
                return Ok(files);
            }
            Err(Fault::Incomplete(file)) => format!("{} is missing or empty", file.display()),
            Err(Fault::Mixed(why)) => why,
        };
        let kept = match !is_renewed && files.keep_key()? {
            true => format!(
                "; the private key that was there is {} now",
                files.kept_key().display()
            ),
            false => String::new(),
        };
        files.create(folder, now)?;
        output::warning(&format!(
            "{why}: a new certificate and a new CA were made{kept}. Clients that trusted the old CA must trust {} now",
            files.ca.display()
        ));
        Ok(files)
    }

    /// What is there.
    pub fn look(&self) -> Result<Whole, Fault> {
        let all = [&self.ca, &self.pair.key, &self.pair.certificate];
        let is_empty = |file: &Path| fs::metadata(file).is_ok_and(|found| found.len() == 0);
        if all.iter().all(|file| is_missing(file)) {
            return Err(Fault::Absent);
        }
        let lacks = |file: &Path| is_missing(file) || is_empty(file);
        if let Some(file) = all.iter().find(|file| lacks(file)) {
            // Our CA means nothing for a pair that somebody has put there himself.
            match self.certificate_is_ours() {
                Some(false) if lacks(&self.pair.key) => {
                    return Err(Fault::Unusable(Failure::new(format!(
                        "{} is missing or empty",
                        self.pair.key.display()
                    ))));
                }
                Some(false) => {}
                _ => return Err(Fault::Incomplete((*file).clone())),
            }
        }
        let (certificate, key) = (&self.pair.certificate, &self.pair.key);
        let found = self.pair.read().and_then(|it| self.pair.find(&it));
        let found = found.map_err(Fault::Unusable)?;
        let leaf = found.chain.first().cloned();
        let leaf = leaf.ok_or_else(|| Fault::Unusable(no_certificate(certificate)))?;
        let leaf = parsed(&leaf, certificate)?;
        let whole = Whole {
            validity: Validity::of(&leaf),
            ours: is_ours(&leaf),
        };
        match found.together() {
            Ok(_) => {}
            Err(rustls::Error::InconsistentKeys(_)) if whole.ours => {
                return Err(Fault::Mixed(format!(
                    "the private key in {} does not belong to the certificate in {}",
                    key.display(),
                    certificate.display()
                )));
            }
            Err(error) => {
                return Err(Fault::Unusable(Failure::new(format!(
                    "cannot use the TLS file {}: {error}",
                    certificate.display()
                ))));
            }
        }
        if !whole.ours {
            return Ok(whole);
        }
        let ca = fs::read(&self.ca)
            .map_err(|error| Fault::Unusable(Failure::file("read", &self.ca, &error)))?;
        let (_, ca) = x509_parser::pem::parse_x509_pem(&ca)
            .map_err(|_| Fault::Unusable(no_certificate(&self.ca)))?;
        let ca = parsed(&ca.contents, &self.ca)?;
        if leaf.verify_signature(Some(ca.public_key())).is_err() {
            return Err(Fault::Mixed(format!(
                "the certificate in {} is not of the CA in {}",
                certificate.display(),
                self.ca.display()
            )));
        }
        Ok(whole)
    }

    /// `None` when there is no certificate that can be read.
    fn certificate_is_ours(&self) -> Option<bool> {
        let text = fs::read(&self.pair.certificate).ok()?;
        let (_, pem) = x509_parser::pem::parse_x509_pem(&text).ok()?;
        let leaf = parsed(&pem.contents, &self.pair.certificate).ok()?;
        Some(is_ours(&leaf))
    }

    /// Keeps those that are there beside those to be made.
    fn keep(&self, folder: &Path) -> Result<(), Failure> {
        self.copy_to(&Self::old(folder))
    }

    /// Uses those again that were kept, if they are good.
    fn put_back(
        &self,
        folder: &Path,
        now: Timestamp,
        good_until: Timestamp,
    ) -> Result<bool, Failure> {
        let old = Self::old(folder);
        let is_good = old
            .look()
            .is_ok_and(|it| it.ours && it.validity.holds(now) && it.validity.end >= good_until);
        if is_good {
            old.copy_to(self)?;
        }
        Ok(is_good)
    }

    /// In the order in which they are made.
    fn copy_to(&self, to: &Self) -> Result<(), Failure> {
        let read = |file: &Path| {
            fs::read_to_string(file).map_err(|error| Failure::file("read", file, &error))
        };
        write(&to.ca, PUBLIC, &read(&self.ca)?)?;
        write(&to.pair.key, PRIVATE, &read(&self.pair.key)?)?;
        write(&to.pair.certificate, PUBLIC, &read(&self.pair.certificate)?)
    }

    /// Where a key is that was there before, of which it is not known whose it is. Not among those that were renewed: it
    /// would take the place of a key that belongs to what is there.
    fn kept_key(&self) -> PathBuf {
        self.pair.key.with_extension("key.kept")
    }

    /// Keeps the key that is there beside the one to be made.
    fn keep_key(&self) -> Result<bool, Failure> {
        if !fs::metadata(&self.pair.key).is_ok_and(|found| found.len() > 0) {
            return Ok(false);
        }
        fs::rename(&self.pair.key, self.kept_key())
            .map_err(|error| Failure::file("rename", &self.pair.key, &error))?;
        Ok(true)
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

/// Nothing has this name. What can not be looked at is there.
fn is_missing(file: &Path) -> bool {
    matches!(fs::metadata(file), Err(error) if error.kind() == ErrorKind::NotFound)
}

fn parsed<'a>(der: &'a [u8], file: &Path) -> Result<X509Certificate<'a>, Fault> {
    let (_, certificate) = x509_parser::parse_x509_certificate(der)
        .map_err(|_| Fault::Unusable(no_certificate(file)))?;
    Ok(certificate)
}

fn no_certificate(file: &Path) -> Failure {
    Failure::new(format!("{} is not a certificate", file.display()))
}

fn is_ours(certificate: &X509Certificate<'_>) -> bool {
    let mut names = certificate.issuer().iter_common_name();
    names.any(|name| name.as_str() == Ok(CA_NAME))
}

/// Year, month and day as certificates are made with. rcgen does not re-export its time type, so
/// the parts are passed on instead of a value of it.
fn parts(date: Date) -> (i32, u8, u8) {
    // Month and day of a valid date fit.
    let part = |number: i8| u8::try_from(number).unwrap_or(1);
    (i32::from(date.year()), part(date.month()), part(date.day()))
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
    let mut file = new_file(new, mode, folder)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(new, path))
        // On the disk before the next one is: a power cut must not leave the last without the others.
        .and_then(|()| fs::File::open(folder)?.sync_all())
        .map_err(failed)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::tls::{InUse, Origin};

    const NOW: Timestamp = Timestamp(1_700_000_000 * 10_000_000);
    /// In the order in which they are made.
    const NAMES: [&str; 3] = ["ca.pem", "server.key", "server.pem"];

    fn at_the_end() -> Timestamp {
        NOW.plus_seconds(i64::from(GOOD_FOR_DAYS) * 24 * 3600)
    }

    fn read(folder: &Path, name: &str) -> String {
        fs::read_to_string(folder.join(name)).unwrap()
    }

    #[test]
    fn nobody_else_reads_a_private_key_that_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("tls");
        let made = Generated::load_or_create(&folder, NOW).unwrap();
        let mode = || fs::metadata(&made.pair.key).unwrap().permissions().mode() & 0o777;
        let first = read(&folder, "server.key");
        assert_eq!(mode(), 0o600);
        // From a backup that kept no modes.
        fs::set_permissions(&made.pair.key, fs::Permissions::from_mode(0o644)).unwrap();
        fs::write(folder.join("server.key.new"), "of a run that was cut off").unwrap();
        Generated::load_or_create(&folder, at_the_end()).unwrap();
        assert_ne!(read(&folder, "server.key"), first);
        assert_eq!(mode(), 0o600);
        InUse::load(made.pair, Origin::Generated).unwrap();
        // With those from before.
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 6);
        assert_eq!(read(&folder, "server.key.old"), first);
        let old = fs::metadata(folder.join("server.key.old")).unwrap();
        assert_eq!(old.permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_a_clock_that_was_ahead_has_made_is_not_used_when_it_was_put_right() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let make = |now: Timestamp| {
            Generated::load_or_create(folder, now).unwrap();
            NAMES.map(|name| read(folder, name))
        };
        let first = make(NOW);
        let ahead = at_the_end();
        let second = make(ahead);
        assert_ne!(second[2], first[2]);
        // Clients trust the CA from before.
        assert_eq!(make(NOW), first);
        assert_eq!(make(NOW), first);
        // Where that is not to be had, or ends soon itself, they are made anew.
        assert_ne!(make(ahead)[2], first[2]);
        fs::remove_file(folder.join("server.pem.old")).unwrap();
        let anew = make(NOW);
        let whole = Generated::files(folder).look().unwrap();
        assert!(whole.validity.holds(NOW), "{whole:?}");
        assert_eq!(make(NOW), anew);
        // A clock that is a little behind is none of that.
        assert_eq!(make(NOW.plus_seconds(-24 * 3600)), anew);
    }

    #[test]
    fn what_a_clock_that_was_behind_has_replaced_is_used_again_when_it_was_put_right() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let make = |now: Timestamp| {
            Generated::load_or_create(folder, now).unwrap();
            NAMES.map(|name| read(folder, name))
        };
        let first = make(NOW);
        let behind = NOW.plus_seconds(-6 * 365 * 24 * 3600);
        let second = make(behind);
        assert_ne!(second[2], first[2]);
        assert_eq!(make(behind), second);
        assert_eq!(make(NOW), first);
        assert_eq!(make(NOW), first);
    }

    #[test]
    fn a_key_of_unknown_origin_does_not_take_the_place_of_one_that_was_renewed() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let make = |now: Timestamp| {
            Generated::load_or_create(folder, now).unwrap();
            NAMES.map(|name| read(folder, name))
        };
        let first = make(NOW);
        let ahead = at_the_end();
        make(ahead);
        // Only the key is left: it may be somebody's own.
        fs::write(folder.join("server.pem"), "").unwrap();
        let left = read(folder, "server.key");
        make(ahead);
        assert_eq!(read(folder, "server.key.kept"), left);
        assert_eq!(make(NOW), first);
    }

    #[test]
    fn files_that_were_not_made_together_are_made_anew() {
        let place = tempfile::tempdir().unwrap();
        let (first, second) = (place.path().join("first"), place.path().join("second"));
        // Cut off in the order of today, and in others: that of an older version began with the key.
        let cut_off = [
            &NAMES[..1],
            &NAMES[..2],
            &NAMES[1..2],
            &NAMES[1..],
            &NAMES[2..],
        ];
        for newer in cut_off {
            for folder in [&first, &second] {
                let _ = fs::remove_dir_all(folder);
                Generated::load_or_create(folder, NOW).unwrap();
            }
            for name in newer {
                fs::copy(second.join(name), first.join(name)).unwrap();
            }
            let files = Generated::files(&first);
            let fault = files.look().unwrap_err();
            assert!(matches!(fault, Fault::Mixed(_)), "{newer:?}: {fault:?}");
            let mixed = NAMES.map(|name| read(&first, name));
            Generated::load_or_create(&first, NOW).unwrap();
            files.look().unwrap();
            let anew = NAMES.map(|name| read(&first, name));
            assert!(mixed.iter().zip(&anew).all(|(old, new)| old != new));
        }
    }

    #[test]
    fn a_file_that_is_missing_or_empty_is_made_anew_with_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let files = Generated::files(folder);
        for name in NAMES {
            for is_empty in [true, false] {
                Generated::load_or_create(folder, NOW).unwrap();
                let file = folder.join(name);
                if is_empty {
                    fs::write(&file, "").unwrap();
                } else {
                    fs::remove_file(&file).unwrap();
                }
                let fault = files.look().unwrap_err();
                assert!(
                    matches!(&fault, Fault::Incomplete(it) if *it == file),
                    "{fault:?}"
                );
                Generated::load_or_create(folder, NOW).unwrap();
                files.look().unwrap();
            }
        }
    }

    #[test]
    fn a_key_that_may_be_somebodys_own_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let (certificate, key) = (own.cert.pem(), own.signing_key.serialize_pem());
        // Without our CA, which means nothing for it.
        fs::write(folder.join("server.pem"), &certificate).unwrap();
        fs::write(folder.join("server.key"), &key).unwrap();
        let files = Generated::load_or_create(folder, NOW).unwrap();
        assert!(!files.look().unwrap().ours);
        assert_eq!(read(folder, "server.key"), key);
        // His certificate has not come yet.
        for half in ["", "half of a certifi"] {
            fs::write(folder.join("server.pem"), half).unwrap();
            fs::write(folder.join("server.key"), &key).unwrap();
            Generated::load_or_create(folder, NOW).unwrap();
            let kept = ["server.key", "server.key.kept"].map(|name| folder.join(name));
            let mut kept = kept.iter().filter_map(|file| fs::read_to_string(file).ok());
            assert!(kept.any(|it| it == key), "{half:?}");
        }
        // Nor has his key.
        fs::write(folder.join("server.pem"), &certificate).unwrap();
        fs::write(folder.join("server.key"), "").unwrap();
        Generated::load_or_create(folder, NOW).unwrap();
        assert!(matches!(files.look(), Err(Fault::Unusable(_))));
        assert_eq!(read(folder, "server.pem"), certificate);
    }

    #[test]
    fn what_somebody_has_put_there_himself_is_left_to_him() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        Generated::load_or_create(folder, NOW).unwrap();
        let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        fs::write(folder.join("server.pem"), own.cert.pem()).unwrap();
        fs::write(folder.join("server.key"), own.signing_key.serialize_pem()).unwrap();
        let before = NAMES.map(|name| read(folder, name));
        let much_later = NOW.plus_seconds(1 << 40);
        Generated::load_or_create(folder, much_later).unwrap();
        assert_eq!(NAMES.map(|name| read(folder, name)), before);
    }
}
