//! Looks after the certificate that the server shows: takes another one when the files hold one, and says in time that it ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use syncline_model::Timestamp;
use tokio::sync::Notify;

use super::again;
use super::stop::Stop;
use crate::app::App;
use crate::failure::Failure;
use crate::tls::{End, InUse, Validity};

const LOOK_EVERY_MS: u64 = 60_000;
/// That it ends is said so often.
const SAY_EVERY_SECONDS: i64 = 24 * 3600;

/// Asks for a look at the files now.
#[derive(Debug, Default)]
pub struct LookAgain {
    wake: Notify,
    asked: AtomicBool,
}

impl LookAgain {
    fn ask(&self) {
        self.asked.store(true, Ordering::Relaxed);
        self.wake.notify_one();
    }

    /// Asks whenever the process gets SIGHUP, which ends it no more. That is what certificate clients send as a rule.
    pub fn on_hangup(self: &Arc<Self>) -> Result<(), Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut hangup = signal(SignalKind::hangup())
            .map_err(|error| Failure::new(format!("cannot listen for signals: {error}")))?;
        let look = Arc::clone(self);
        tokio::spawn(async move {
            while hangup.recv().await.is_some() {
                look.ask();
            }
        });
        Ok(())
    }
}

/// Looks until a stop is asked for.
pub async fn look_after(app: Arc<App>, look: Arc<LookAgain>, stop: Stop) {
    let Some(shown) = app.certificate.clone() else {
        return;
    };
    let watch = Mutex::new(Watch::default());
    let asked = Arc::clone(&look);
    let work = move || {
        let mut watch = watch.lock();
        if asked.asked.swap(false, Ordering::Relaxed) {
            tracing::info!("asked to look at the files of the certificate again");
            watch.unusable = None;
        }
        let now = app.clock.now();
        watch.look(&shown, now);
        let validity = shown.validity();
        app.metrics.certificate.ends(validity.map(|it| it.end));
        let text = validity.and_then(|validity| watch.ending(&shown, validity, now));
        if let Some(text) = text {
            tracing::warn!("{text}");
        }
        LOOK_EVERY_MS
    };
    let what = "looking after the certificate";
    again::and_when_asked(what, LOOK_EVERY_MS, &look.wake, stop, work).await;
}

/// What was said already.
#[derive(Default)]
struct Watch {
    /// Why the files can not be used.
    unusable: Option<String>,
    ending: Option<Timestamp>,
}

impl Watch {
    fn look(&mut self, shown: &InUse, now: Timestamp) {
        match shown.look_again(now) {
            Ok(another) => {
                self.unusable = None;
                if another {
                    self.ending = None;
                    tracing::info!(
                        "the certificate in {} is shown from now on",
                        shown.files().certificate.display()
                    );
                }
            }
            Err(failure) => {
                if self.unusable.as_ref() != Some(&failure.message) {
                    tracing::warn!(
                        "the certificate from before is shown on, and its files are looked at again in a minute: {}",
                        failure.message
                    );
                    self.unusable = Some(failure.message);
                }
            }
        }
    }

    /// What is to be said of the end, or the begin, once a day.
    fn ending(&mut self, shown: &InUse, validity: Validity, now: Timestamp) -> Option<String> {
        let (how, when) = match End::of(validity, now) {
            End::Far => return None,
            End::Soon => ("ends", validity.end),
            End::Over => (
                "has ended, and clients refuse it. It was good until",
                validity.end,
            ),
            End::NotYet => (
                "is not good yet, by the clock of this server, and clients refuse it. It is from",
                validity.begin,
            ),
        };
        if self
            .ending
            .is_some_and(|said| now < said.plus_seconds(SAY_EVERY_SECONDS))
        {
            return None;
        }
        self.ending = Some(now);
        Some(format!(
            "the certificate in {} {how} {}. {}",
            shown.files().certificate.display(),
            when.to_seconds_text(),
            shown.renewed_how()
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::{Origin, Pair};

    #[test]
    fn the_end_is_said_from_two_weeks_before_on_once_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let pair = Pair {
            certificate: folder.path().join("server.pem"),
            key: folder.path().join("server.key"),
        };
        let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        std::fs::write(&pair.certificate, own.cert.pem()).unwrap();
        std::fs::write(&pair.key, own.signing_key.serialize_pem()).unwrap();
        let shown = InUse::load(pair, Origin::Named).unwrap();
        let end = Timestamp(1_700_000_000 * 10_000_000);
        let hours = |hours: i64| end.plus_seconds(hours * 3600);
        let validity = Validity {
            begin: end.plus_seconds(-1000 * 24 * 3600),
            end,
        };
        let mut watch = Watch::default();
        let said: Vec<i64> = (-400..72)
            .filter(|it| watch.ending(&shown, validity, hours(*it)).is_some())
            .collect();
        let first = -14 * 24 + 1;
        let expected: Vec<i64> = (0..17).map(|day| first + day * 24).collect();
        assert_eq!(said, expected);
        let text = watch.ending(&shown, validity, hours(96)).unwrap();
        assert!(text.contains("has ended"), "{text}");
        let early = validity.begin.plus_seconds(-1);
        let text = Watch::default().ending(&shown, validity, early).unwrap();
        assert!(text.contains("is not good yet"), "{text}");
    }
}
