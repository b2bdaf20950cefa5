//! The generated certificates.

use syncline_model::Timestamp;

use super::Check;
use crate::data_dir::DataDir;
use crate::tls::{Fault, Generated};

const NAME: &str = "certificate";

/// `None` when no server with generated TLS was ever started.
pub(super) fn check(data: &DataDir, now: Timestamp) -> Option<Check> {
    let anew = "restart the server: all are made anew, and clients must trust the new CA";
    Some(match Generated::files(&data.tls()).look() {
        Err(Fault::Absent) => return None,
        Ok(whole) if whole.end > now => {
            Check::ok(NAME, format!("good until {}", whole.end.to_seconds_text()))
        }
        Ok(whole) => Check::problem(NAME, format!("ended {}", whole.end.to_seconds_text()), anew),
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
