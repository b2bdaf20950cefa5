//! Generated TLS: a local CA, limited to this machine's names, and a certificate for localhost.
//! Made once; the CA's certificate is what clients are told to trust.

mod create;
#[cfg(test)]
mod tests;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use syncline_model::Timestamp;
use x509_parser::certificate::X509Certificate;

use self::create::{PUBLIC, write};
use super::{Pair, Validity};
use crate::data_dir::PRIVATE;
use crate::failure::Failure;
use crate::output;

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
