//! For how many days things are kept: as it was typed last on this database, at whichever server. One that is started by
//! hand, or a second one, without what the first was told, must not throw away what that keeps.
//!
//! Fewer days than before may be a slip, and what they throw away does not come back: they are waited with for as long
//! as with a clock that has jumped.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use syncline_model::Problem;
use syncline_store::Document;

use super::belief::PROBATION;
use crate::app::App;

/// What is thrown away by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) log_days: u32,
    pub(super) deleted_days: u32,
}

/// What was typed last, if ever. Key: `sweep`.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Typed {
    log_days: Option<u32>,
    deleted_days: Option<u32>,
}

impl Document for Typed {
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
        let stored: Option<Typed> = app.store.read(|reader| reader.document(None, SWEEP))?;
        let stored = stored.unwrap_or_default();
        let typed = app.settings.retention;
        let what = "--log-retention-days";
        let log = self
            .log
            .decide(what, typed.log_days, stored.log_days, running);
        let what = "--deleted-retention-days";
        let deleted = self
            .deleted
            .decide(what, typed.deleted_days, stored.deleted_days, running);
        let now = Typed {
            log_days: log,
            deleted_days: deleted,
        };
        if now != stored {
            app.store
                .write(|tx| tx.put_document(None, SWEEP, &now, None))
                .map_err(Problem::from)?;
        }
        Ok(Kept {
            log_days: log.unwrap_or(syncline_runner::LOG_DAYS),
            deleted_days: deleted.unwrap_or(syncline_directory::deleted_items::RETENTION_DAYS),
        })
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
        stored: Option<u32>,
        running: Duration,
    ) -> Option<u32> {
        let (Some(fewer), Some(before)) = (typed, stored) else {
            return typed.or(stored);
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
                    "{what} {fewer} is less than what was said before: what is older is thrown away in an hour, unless the server is stopped"
                );
                stored
            }
            Some(since) if running.saturating_sub(since) < PROBATION => stored,
            Some(_) => {
                tracing::info!(before, "{what} {fewer} holds from now on");
                typed
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::Arc;

    use syncline_model::{Clock, EntityKind, Timestamp};

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

    #[test]
    fn who_was_told_nothing_keeps_things_as_long_as_was_said_before() {
        let folder = tempfile::tempdir().unwrap();
        let mut app = opened(&folder);
        let tenant = with_recycled(&app, "contoso.example", 1);
        let is_kept = |app: &App| {
            let bin = app
                .store
                .read(|reader| reader.recycled(tenant.id, EntityKind::User, None, 10));
            !bin.unwrap().is_empty()
        };
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
