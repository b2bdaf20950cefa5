//! The certificate that the server shows, and the generated ones.

use syncline_model::Timestamp;

use super::Check;
use crate::data_dir::DataDir;
use crate::tls::{End, Fault, Generated, InUse, Origin};

const NAME: &str = "certificate";

/// `None` when no server with generated TLS was ever started, and none with another certificate runs here.
pub(super) fn check(shown: Option<&InUse>, data: &DataDir, now: Timestamp) -> Option<Check> {
    match shown.map(|it| (it, it.origin())) {
        Some((shown, Origin::Named)) => Some(of_the_operator(shown, now)),
        Some((_, Origin::Generated)) | None => generated(data, now),
    }
}

fn of_the_operator(shown: &InUse, now: Timestamp) -> Check {
    let files = shown.files();
    let good = match shown.end() {
        Some(end) => format!("good until {}", end.to_seconds_text()),
        None => "nothing tells until when it is good".to_owned(),
    };
    if let Some(failure) = shown.fault() {
        return Check::problem(
            NAME,
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
    match shown.end().map(|end| (end, End::of(end, now))) {
        Some((end, End::Over | End::Soon)) => Check::problem(
            NAME,
            format!(
                "{} {}, {}",
                verb(end, now),
                end.to_seconds_text(),
                files.certificate.display()
            ),
            shown.renewed_how(),
        ),
        Some((_, End::Far)) | None => {
            Check::ok(NAME, format!("{good}, {}", files.certificate.display()))
        }
    }
}

fn generated(data: &DataDir, now: Timestamp) -> Option<Check> {
    let anew = "restart the server: all are made anew, and clients must trust the new CA";
    Some(match Generated::files(&data.tls()).look() {
        Err(Fault::Absent) => return None,
        Ok(whole) if End::of(whole.end, now) == End::Far => {
            Check::ok(NAME, format!("good until {}", whole.end.to_seconds_text()))
        }
        Ok(whole) => Check::problem(
            NAME,
            format!("{} {}", verb(whole.end, now), whole.end.to_seconds_text()),
            if whole.ours {
                anew.to_owned()
            } else {
                format!("put a new one in {}", data.tls().display())
            },
        ),
        Err(Fault::Incomplete(file)) => Check::problem(
            NAME,
            format!("{} is missing or empty", file.display()),
            anew,
        ),
        Err(Fault::Mixed(why)) => Check::problem(NAME, why, anew),
        Err(Fault::Unusable(failure)) => Check::problem(
            NAME,
            failure.message,
            format!(
                "remove {} and restart the server; clients must trust the new CA",
                data.tls().display()
            ),
        ),
    })
}

fn verb(end: Timestamp, now: Timestamp) -> &'static str {
    match End::of(end, now) {
        End::Over => "ended",
        End::Soon | End::Far => "ends",
    }
}
