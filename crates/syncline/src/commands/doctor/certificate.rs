//! The certificate that the server shows, and the generated ones.

use std::fs::Metadata;
use std::os::unix::fs::PermissionsExt as _;

use syncline_model::Timestamp;

use super::Check;
use super::subject::Subject;
use crate::data_dir::DataDir;
use crate::tls::{End, Fault, Generated, InUse, Origin, Validity};

fn subject() -> Subject {
    Subject::new("certificate", "certificate")
}

/// `None` when no server with generated TLS was ever started, and none with another certificate runs here.
pub(super) fn check(shown: Option<&InUse>, data: &DataDir, now: Timestamp) -> Option<Check> {
    match shown.map(|it| (it, it.origin())) {
        Some((shown, Origin::Named)) => Some(of_the_operator(shown, now)),
        Some((_, Origin::Generated)) | None => generated(data, now),
    }
}

fn of_the_operator(shown: &InUse, now: Timestamp) -> Check {
    let files = shown.files();
    let good = match shown.validity() {
        Some(Validity { end, .. }) => format!("good until {}", end.to_seconds_text()),
        None => "nothing tells until when it is good".to_owned(),
    };
    if let Some(failure) = shown.fault(now) {
        return Check::problem(
            &subject(),
            format!(
                "the one from before is shown ({good}), as its files can not be used: {}",
                failure.message
            ),
            format!(
                "put a certificate in {} and its key in {}: they are taken within a minute",
                files.certificate.display(),
                files.key.display()
            ),
        );
    }
    match shown.validity().and_then(|it| Some((it, wrong(it, now)?))) {
        Some((validity, wrong)) => Check::problem(
            &subject(),
            format!("{wrong}, {}", files.certificate.display()),
            match End::of(validity, now) {
                End::NotYet => format!("{LOOK_AT_THE_CLOCK}. {}", shown.renewed_how()),
                _ => shown.renewed_how(),
            },
        ),
        None => Check::ok(
            &subject(),
            format!("{good}, {}", files.certificate.display()),
        ),
    }
}

fn generated(data: &DataDir, now: Timestamp) -> Option<Check> {
    let anew = "restart the server: all are made anew, and clients must trust the new CA";
    Some(match Generated::files(&data.tls()).look() {
        Err(Fault::Absent) => return None,
        Ok(whole) => match wrong(whole.validity, now) {
            None => Check::ok(
                &subject(),
                format!("good until {}", whole.validity.end.to_seconds_text()),
            ),
            Some(wrong) => {
                let mut advice = if whole.ours {
                    anew.to_owned()
                } else {
                    format!("put a new one in {}", data.tls().display())
                };
                if End::of(whole.validity, now) == End::NotYet {
                    advice = format!("{LOOK_AT_THE_CLOCK}; {advice}");
                }
                Check::problem(&subject(), wrong, advice)
            }
        },
        Err(Fault::Incomplete(file)) => Check::problem(
            &subject(),
            format!("{} is missing or empty", file.display()),
            anew,
        ),
        Err(Fault::Mixed(why)) => Check::problem(&subject(), why, anew),
        Err(Fault::Unusable(failure)) => Check::problem(
            &subject(),
            failure.message,
            format!(
                "remove {} and restart the server; clients must trust the new CA",
                data.tls().display()
            ),
        ),
    })
}

/// A private key that others may read. To one of the operator's own he may have let in a group: all are too many.
pub(super) fn open_key(shown: Option<&InUse>, data: &DataDir) -> Option<Check> {
    let generated = Generated::files(&data.tls());
    let (file, too_many, chmod, anew) = match shown {
        Some(shown) if shown.origin() == Origin::Named => {
            (&shown.files().key, ALL, "o=", ANOTHER.to_owned())
        }
        _ if generated.look().is_ok_and(|it| it.ours) => {
            let folder = data.tls();
            let anew = format!(
                "remove {} and restart the server: all are made anew, and clients must trust the new CA",
                folder.display()
            );
            (&generated.pair.key, OTHERS, "600", anew)
        }
        _ => (&generated.pair.key, ALL, "o=", ANOTHER.to_owned()),
    };
    // A pipe, say, is read once.
    let found = std::fs::metadata(file).ok().filter(Metadata::is_file)?;
    let mode = found.permissions().mode() & 0o777;
    let file = file.display();
    (mode & too_many != 0).then(|| {
        Check::problem(
            &Subject::new("keyOfCertificate", "key of the certificate"),
            format!("others may read {file} (mode {mode:o})"),
            format!("chmod {chmod} {file}; if somebody read it, {anew}"),
        )
    })
}

const OTHERS: u32 = 0o077;
const ALL: u32 = 0o004;
const ANOTHER: &str = "replace it and its certificate, and have the old one revoked";

const LOOK_AT_THE_CLOCK: &str = "look at the clock of this machine first";

/// What is to be said of its end, or its begin.
fn wrong(validity: Validity, now: Timestamp) -> Option<String> {
    let (verb, when) = match End::of(validity, now) {
        End::Far => return None,
        End::Soon => ("ends", validity.end),
        End::Over => ("ended", validity.end),
        End::NotYet => ("is not good before", validity.begin),
    };
    Some(format!("{verb} {}", when.to_seconds_text()))
}
