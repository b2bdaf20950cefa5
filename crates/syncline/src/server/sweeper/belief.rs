//! Whether the clock can be believed when things are thrown away for their age.
//!
//! A clock that is ahead for a minute (a wrong answer of a time server, a machine that was copied or set by hand)
//! would empty recycle bins and logs for good, and jobs would carry that into their targets. So it is
//! compared with one that nobody can set: a clock that gains much on that has jumped, and is believed when it has gone
//! on like this for an hour, in which somebody may put it right. Where the process did not run, the clock is compared with
//! the time when something was thrown away last, which is stored. A machine that was suspended, or a server that was
//! stopped for long, waits that hour in vain: nothing is lost by it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use syncline_model::{Problem, Timestamp};
use syncline_store::Document;

use crate::app::App;

/// What a clock gains on the other one at a time without being doubted: time servers put right what is less.
const JUMP_MS: i64 = 5 * 60 * 1000;
/// A start so long after the last tidying up is doubted: servers are restarted sooner as a rule.
const LONG_AGO_MS: u64 = 24 * 60 * 60 * 1000;
/// So long one that has jumped must go on evenly.
pub(super) const PROBATION: Duration = Duration::from_secs(60 * 60);
/// When it was tidied up last is written no more often than this.
const NOTE_EVERY_MS: u64 = 60 * 60 * 1000;

/// When it was tidied up last, by a clock that was believed. Key: `sweep`.
#[derive(Serialize, Deserialize)]
struct TidiedUp {
    at: Timestamp,
}

impl Document for TidiedUp {
    const KIND: &'static str = "tidiedUp";
}

const SWEEP: &str = "sweep";

/// When that was, as it is stored; `None` where it never was.
pub(super) fn tidied_up(app: &App) -> Result<Option<Timestamp>, Problem> {
    let noted: Option<TidiedUp> = app.store.read(|reader| reader.document(None, SWEEP))?;
    Ok(noted.map(|it| it.at))
}

/// What one process has seen of its clock.
#[derive(Default)]
pub(super) struct Belief(Option<Seen>);

struct Seen {
    /// How far the clock is before the time that this process runs, in milliseconds, when it was believed last.
    ahead_ms: i64,
    doubt: Option<Doubt>,
    /// What is stored of it.
    noted: Option<Timestamp>,
}

/// The clock has jumped.
struct Doubt {
    /// To where.
    ahead_ms: i64,
    /// When, as this process runs.
    since: Duration,
}

impl Belief {
    /// Whether it holds now. `running`: the time since any moment that stays the same.
    pub(super) fn holds(
        &mut self,
        app: &App,
        now: Timestamp,
        running: Duration,
    ) -> Result<bool, Problem> {
        if self.0.is_none() {
            self.0 = Some(Seen::first(tidied_up(app)?, now, running));
        }
        Ok(self
            .0
            .as_mut()
            .is_some_and(|seen| seen.is_believed(now, running)))
    }

    /// Stores, now and then, that it was tidied up.
    pub(super) fn note(&mut self, app: &App, now: Timestamp) -> Result<(), Problem> {
        let Some(seen) = &mut self.0 else {
            return Ok(());
        };
        // Also a clock that was set back, which is the right one from then on.
        let is_fresh = seen
            .noted
            .is_some_and(|at| at <= now && now.milliseconds_since(at) < NOTE_EVERY_MS);
        if is_fresh {
            return Ok(());
        }
        app.store
            .write(|tx| tx.put_document(None, SWEEP, &TidiedUp { at: now }, None))
            .map_err(Problem::from)?;
        seen.noted = Some(now);
        Ok(())
    }
}

impl Seen {
    fn first(noted: Option<Timestamp>, now: Timestamp, running: Duration) -> Self {
        let ahead = ahead_ms(now, running);
        let believed = Self {
            ahead_ms: ahead,
            doubt: None,
            noted,
        };
        match noted {
            Some(at) if now.milliseconds_since(at) > LONG_AGO_MS => {
                tracing::info!(
                    last = %at,
                    "nothing was thrown away for more than a day, if the clock of this server is right: if it is, that begins again in an hour"
                );
                Self {
                    ahead_ms: ahead_ms(at, running),
                    doubt: Some(Doubt {
                        ahead_ms: ahead,
                        since: running,
                    }),
                    ..believed
                }
            }
            _ => believed,
        }
    }

    fn is_believed(&mut self, now: Timestamp, running: Duration) -> bool {
        let ahead_ms = ahead_ms(now, running);
        let gained_ms = ahead_ms.saturating_sub(self.ahead_ms);
        // One that is put right, or set back, throws away nothing before its time.
        let mut believed = gained_ms <= JUMP_MS;
        if let Some(doubt) = &self.doubt {
            let is_even = ahead_ms.abs_diff(doubt.ahead_ms) <= JUMP_MS.unsigned_abs();
            believed |= is_even && running.saturating_sub(doubt.since) >= PROBATION;
            if !believed && is_even {
                return false;
            }
        }
        if believed {
            self.ahead_ms = ahead_ms;
            if self.doubt.take().is_some() {
                tracing::info!(
                    "the clock of this server is believed: what is old is thrown away again"
                );
            }
            return true;
        }
        tracing::warn!(
            gained_ms,
            "the clock of this server has jumped ahead: nothing is thrown away until it is put right, or has gone on evenly for an hour"
        );
        self.doubt = Some(Doubt {
            ahead_ms,
            since: running,
        });
        false
    }
}

fn ahead_ms(now: Timestamp, running: Duration) -> i64 {
    let running = i64::try_from(running.as_millis()).unwrap_or(i64::MAX);
    now.milliseconds().saturating_sub(running)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parking_lot::Mutex;
    use syncline_model::{Clock, EntityKind};
    use syncline_store::Tenant;

    use super::super::testing::{opened, with_recycled};
    use super::super::{Memory, in_turn};
    use super::*;
    use crate::seam::SystemClock;

    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;

    /// A clock that is set by hand: seconds that it is ahead of the right one.
    #[derive(Clone, Default)]
    struct SetByHand(Arc<Mutex<i64>>);

    impl Clock for SetByHand {
        fn now(&self) -> Timestamp {
            SystemClock.now().plus_seconds(*self.0.lock())
        }
    }

    struct World {
        app: App,
        tenant: Tenant,
        /// The clock, beside the time that really passes.
        clock: SetByHand,
        memory: Memory,
        /// Seconds that the process runs.
        running: u64,
        _folder: tempfile::TempDir,
    }

    impl World {
        /// Somebody is in the recycle bin.
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let mut app = opened(&folder);
            let tenant = with_recycled(&app, "contoso.example", 1);
            let clock = SetByHand::default();
            app.clock = Arc::new(clock.clone());
            Self {
                app,
                tenant,
                clock,
                memory: Memory::default(),
                running: 0,
                _folder: folder,
            }
        }

        /// Time passes, and the sweeper looks.
        fn after(&mut self, seconds: i64) {
            *self.clock.0.lock() += seconds;
            self.running += seconds.unsigned_abs();
            let running = Duration::from_secs(self.running);
            in_turn(&self.app, "node", &mut self.memory, running).unwrap();
        }

        fn jumps(&self, seconds: i64) {
            *self.clock.0.lock() += seconds;
        }

        /// The next process begins.
        fn starts_again(&mut self) {
            self.memory = Memory::default();
            self.running = 0;
        }

        fn is_kept(&self) -> bool {
            let bin = self
                .app
                .store
                .read(|reader| reader.recycled(self.tenant.id, EntityKind::User, None, 10));
            !bin.unwrap().is_empty()
        }
    }

    #[test]
    fn a_clock_that_is_far_ahead_for_some_minutes_empties_no_recycle_bin() {
        let mut world = World::new();
        world.after(0);
        world.jumps(40 * DAY);
        for _ in 0..30 {
            world.after(MINUTE);
        }
        assert!(world.is_kept());
        // It is put right, and wrong once more: an hour from then.
        world.jumps(-40 * DAY);
        world.after(MINUTE);
        world.jumps(40 * DAY);
        for _ in 0..60 {
            world.after(MINUTE);
        }
        assert!(world.is_kept());
    }

    #[test]
    fn a_clock_that_was_put_right_is_believed_at_once() {
        let mut world = World::new();
        world.after(0);
        // Fewer days than before are waited with, too: that is over when the clock jumps.
        world.app.settings.retention.deleted_days = Some(0);
        world.after(0);
        world.after(HOUR - MINUTE);
        assert!(world.is_kept());
        world.jumps(40 * DAY);
        world.after(MINUTE);
        assert!(world.is_kept());
        world.jumps(-40 * DAY);
        world.after(MINUTE);
        assert!(!world.is_kept());
    }

    #[test]
    fn a_clock_that_jumped_and_goes_on_evenly_is_believed_after_an_hour() {
        let mut world = World::new();
        world.after(0);
        world.jumps(40 * DAY);
        world.after(MINUTE);
        world.after(HOUR - 1);
        assert!(world.is_kept());
        world.after(1);
        assert!(!world.is_kept());
    }

    #[test]
    fn a_clock_that_jumps_again_and_again_is_not_believed() {
        let mut world = World::new();
        world.after(0);
        for _ in 0..10 {
            world.jumps(10 * DAY);
            world.after(HOUR);
        }
        assert!(world.is_kept());
    }

    #[test]
    fn a_month_that_has_passed_while_the_server_ran_empties_it() {
        let mut world = World::new();
        for _ in 0..31 {
            world.after(DAY);
        }
        assert!(!world.is_kept());
    }

    #[test]
    fn a_server_that_starts_with_a_clock_far_ahead_waits_for_an_hour() {
        let mut world = World::new();
        world.after(0);
        world.starts_again();
        world.jumps(40 * DAY);
        world.after(0);
        world.after(HOUR - 1);
        assert!(world.is_kept());
        // The hour begins again with the process.
        world.starts_again();
        world.after(0);
        world.after(HOUR - 1);
        assert!(world.is_kept());
        world.after(1);
        assert!(!world.is_kept());
    }

    #[test]
    fn a_server_that_is_restarted_within_a_day_waits_for_nothing() {
        let mut world = World::new();
        world.after(0);
        for _ in 0..40 {
            world.starts_again();
            world.jumps(23 * HOUR);
            world.after(0);
        }
        assert!(!world.is_kept());
    }
}
