//! For how many days things are kept: as it was typed last on this database, at whichever server. One that is started by
//! hand, or a second one, without what the first was told, must not throw away what that keeps.
//!
//! Fewer days than before, also than those that hold where nobody has typed any, may be a slip, and what they throw away
//! does not come back: they are waited with for as long as with a clock that has jumped.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use syncline_model::Problem;
use syncline_store::Document;

use super::belief::{self, PROBATION};
use crate::app::App;

/// What is thrown away by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) log_days: u32,
    pub(super) deleted_days: u32,
}

/// What holds where nobody has typed anything.
pub(super) const BY_DEFAULT: Kept = Kept {
    log_days: syncline_runner::LOG_DAYS,
    deleted_days: syncline_directory::deleted_items::RETENTION_DAYS,
};

/// What was in force last: as typed, else by default. Key: `sweep`.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct InForce {
    /// `None` where it was never typed: earlier versions noted no more than what was.
    #[serde(default)]
    log_days: Option<u32>,
    #[serde(default)]
    deleted_days: Option<u32>,
}

impl Document for InForce {
    const KIND: &'static str = "retention";
}

const SWEEP: &str = "sweep";

/// What one process was told and waits with.
#[derive(Default)]
pub(super) struct Days {
    log: Fewer,
    deleted: Fewer,
}

impl Days {
    /// For how many they are kept now. `running`: the time since any moment that stays the same.
    pub(super) fn kept(&mut self, app: &App, running: Duration) -> Result<Kept, Problem> {
        let stored: Option<InForce> = app.store.read(|reader| reader.document(None, SWEEP))?;
        let before = match stored {
            Some(it) => Some(Kept {
                log_days: it.log_days.unwrap_or(BY_DEFAULT.log_days),
                deleted_days: it.deleted_days.unwrap_or(BY_DEFAULT.deleted_days),
            }),
            None if belief::tidied_up(app)?.is_some() => Some(BY_DEFAULT),
            // Nothing was ever tidied up here: nobody relies on anything yet.
            None => None,
        };
        let typed = app.settings.retention;
        let log_days = self.log.decide(
            "--log-retention-days",
            typed.log_days,
            before.map(|it| it.log_days),
            running,
        );
        let deleted_days = self.deleted.decide(
            "--deleted-retention-days",
            typed.deleted_days,
            before.map(|it| it.deleted_days),
            running,
        );
        let kept = Kept {
            log_days: log_days.unwrap_or(BY_DEFAULT.log_days),
            deleted_days: deleted_days.unwrap_or(BY_DEFAULT.deleted_days),
        };
        // Also what holds by default: fewer than that are waited with as well.
        let now = InForce {
            log_days: Some(kept.log_days),
            deleted_days: Some(kept.deleted_days),
        };
        if stored != Some(now) {
            app.store
                .write(|tx| tx.put_document(None, SWEEP, &now, None))
                .map_err(Problem::from)?;
        }
        Ok(kept)
    }
}

/// Since when fewer days are waited with, as this process runs.
#[derive(Default)]
struct Fewer(Option<Duration>);

impl Fewer {
    fn decide(
        &mut self,
        what: &str,
        typed: Option<u32>,
        in_force: Option<u32>,
        running: Duration,
    ) -> Option<u32> {
        let (Some(fewer), Some(before)) = (typed, in_force) else {
            return typed.or(in_force);
        };
        if fewer >= before {
            self.0 = None;
            return typed;
        }
        match self.0 {
            None => {
                self.0 = Some(running);
                tracing::warn!(
                    before,
                    "{what} {fewer} is less than what held before: what is older is thrown away in an hour, unless the server is stopped"
                );
                in_force
            }
            Some(since) if running.saturating_sub(since) < PROBATION => in_force,
            Some(_) => {
                // Another server may have more again: then this one waits anew.
                self.0 = None;
                tracing::info!(before, "{what} {fewer} holds from now on");
                typed
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use syncline_model::{Clock, EntityKind, Timestamp};
    use syncline_store::Tenant;

    use super::super::testing::{opened, with_recycled};
    use super::super::{Memory, in_turn};
    use super::*;
    use crate::app::Retention;

    const HOUR: u64 = 60 * 60;

    const DAY: i64 = 24 * 60 * 60;

    struct At(Timestamp);

    impl Clock for At {
        fn now(&self) -> Timestamp {
            self.0
        }
    }

    /// A process of its own, that was told this, begins on this day, and looks so many seconds later.
    fn runs(app: &mut App, begin: Timestamp, deleted_days: Option<u32>, seconds: &[u64]) {
        app.settings.retention = Retention {
            log_days: None,
            deleted_days,
        };
        let mut memory = Memory::default();
        for at in seconds {
            let passed = i64::try_from(*at).unwrap();
            app.clock = Arc::new(At(begin.plus_seconds(passed)));
            in_turn(app, "node", &mut memory, Duration::from_secs(*at)).unwrap();
        }
    }

    fn in_the_bin(app: &App, tenant: &Tenant) -> usize {
        let bin = app
            .store
            .read(|reader| reader.recycled(tenant.id, EntityKind::User, None, 10));
        bin.unwrap().len()
    }

    #[test]
    fn fewer_days_than_those_that_held_untold_are_waited_with() {
        let folder = tempfile::tempdir().unwrap();
        let mut app = opened(&folder);
        let tenant = with_recycled(&app, "contoso.example", 1);
        let begin = app.clock.now();
        let day = u64::try_from(DAY).unwrap();
        let days: Vec<u64> = (0..=10).map(|number| number * day).collect();
        runs(&mut app, begin, None, &days);
        let later = begin.plus_seconds(10 * DAY);
        runs(&mut app, later, Some(3), &[0, HOUR - 1]);
        assert_eq!(in_the_bin(&app, &tenant), 1);
        runs(&mut app, later, Some(3), &[0, HOUR]);
        assert_eq!(in_the_bin(&app, &tenant), 0);
    }

    #[test]
    fn they_are_waited_with_where_an_earlier_version_has_noted_no_days_but_tidied_up() {
        let folder = tempfile::tempdir().unwrap();
        let mut app = opened(&folder);
        let tenant = with_recycled(&app, "contoso.example", 1);
        let begin = app.clock.now();
        runs(&mut app, begin, None, &[0]);
        app.store
            .write(|tx| tx.delete_document::<InForce>(None, SWEEP))
            .unwrap();
        runs(&mut app, begin, Some(0), &[0, HOUR - 1]);
        assert_eq!(in_the_bin(&app, &tenant), 1);
        runs(&mut app, begin, Some(0), &[0, HOUR]);
        assert_eq!(in_the_bin(&app, &tenant), 0);
    }

    #[test]
    fn a_database_where_nothing_was_tidied_up_yet_waits_for_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut app = opened(&folder);
        let tenant = with_recycled(&app, "contoso.example", 1);
        let begin = app.clock.now();
        runs(&mut app, begin, Some(0), &[0]);
        assert_eq!(in_the_bin(&app, &tenant), 0);
    }

    #[test]
    fn fewer_days_are_waited_with_anew_where_another_server_has_more_again() {
        let mut fewer = Fewer::default();
        let mut at = |seconds, in_force| {
            let running = Duration::from_secs(seconds);
            fewer.decide("--log-retention-days", Some(30), Some(in_force), running)
        };
        assert_eq!(at(0, 365), Some(365));
        assert_eq!(at(HOUR, 365), Some(30));
        assert_eq!(at(HOUR + 60, 365), Some(365));
        assert_eq!(at(2 * HOUR + 60, 365), Some(30));
    }

    #[test]
    fn who_was_told_nothing_keeps_things_as_long_as_was_said_before() {
        let folder = tempfile::tempdir().unwrap();
        let mut app = opened(&folder);
        let tenant = with_recycled(&app, "contoso.example", 1);
        let is_kept = |app: &App| in_the_bin(app, &tenant) == 1;
        let begin = app.clock.now();
        let later = begin.plus_seconds(40 * DAY);
        runs(&mut app, begin, Some(365), &[0]);
        // After so long the clock is waited with, too.
        runs(&mut app, later, None, &[0, HOUR]);
        assert!(is_kept(&app));
        // Fewer may be a slip; each process waits an hour with them.
        runs(&mut app, later, Some(30), &[0, HOUR - 1]);
        runs(&mut app, later, Some(30), &[0, HOUR - 1]);
        runs(&mut app, later, None, &[0, HOUR, 2 * HOUR]);
        assert!(is_kept(&app));
        // More holds at once.
        runs(&mut app, later, Some(40), &[0, HOUR - 1]);
        runs(&mut app, later, Some(400), &[0]);
        runs(&mut app, later, Some(40), &[HOUR]);
        assert!(is_kept(&app));
        runs(&mut app, later, Some(30), &[0, HOUR]);
        assert!(!is_kept(&app));
    }
}
