//! Begins cycles when they are due, by their schedule or because something has changed: of each tenant in turn, and never
//! so many of one that there is no place for others.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use syncline_model::job::CycleReport;
use syncline_model::{JobId, Problem, TenantId, Timestamp};
use syncline_runner::{CYCLE_ABANDONED, Due};
use syncline_store::StoreError;
use tokio::sync::Notify;

use crate::app::App;
use crate::outage::Outage;
use crate::seam::{self, Stopwatch};

use super::stop::Stop;

/// Cycles at the same time. As many more follow changes: these are short, and must not wait behind a first cycle.
const CYCLES: usize = 3;
/// Those of one tenant: a first cycle may take an hour, and the next tenant must not wait for its end.
const OF_TENANT: usize = 2;
/// How often is looked, unless something wakes us.
const LOOK_EVERY_MS: u64 = 500;
/// On a shared database nothing wakes us when another node has written. So often is looked while a job follows changes.
const LOOK_FOR_CHANGES_EVERY_MS: u64 = 50;
/// Whatever wakes us, so long a look is the last one: many commits are seen by one.
const LOOK_AT_MOST_EVERY_MS: u64 = 5;
/// That it can not be looked is said so often.
const SAY_AGAIN_AFTER: Duration = Duration::from_secs(30);
/// A job that another node runs is looked at again after so long.
const LOOK_AFTER_OTHERS_SECONDS: i64 = 1;
/// A job whose cycle could not even begin is left alone for so long.
const BACK_OFF_SECONDS: i64 = 60;

#[derive(Debug, Default)]
struct State {
    scheduled: Places,
    following: Places,
    not_before: HashMap<JobId, Timestamp>,
}

/// Who has a place now, and whose turn it is.
#[derive(Debug, Default)]
struct Places {
    begun: HashMap<JobId, TenantId>,
    turns: Turns,
}

/// Why a cycle begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Errand {
    Scheduled,
    Following,
}

/// Looks for due jobs until a stop is asked for.
pub async fn run(app: Arc<App>, wake: Arc<Notify>, stop: Stop) {
    let state = Arc::new(Mutex::new(State::default()));
    let looking = Looking {
        running: Stopwatch::start(),
        outage: Outage::new(SAY_AGAIN_AFTER),
    };
    let follows = wake_on_changes(&app, &wake);
    while !stop.asked() {
        let due = looking.due(&app).await;
        if stop.asked() {
            return;
        }
        follows.store(due.any_follows, Ordering::Relaxed);
        let look_every = match due.any_follows && app.store.is_shared() {
            true => LOOK_FOR_CHANGES_EVERY_MS,
            false => LOOK_EVERY_MS,
        };
        let now = app.clock.now();
        for (errand, tenant, job) in chosen(&state, due, now) {
            let begun = Begun {
                app: Arc::clone(&app),
                state: Arc::clone(&state),
                wake: Arc::clone(&wake),
                errand,
                job,
            };
            tokio::task::spawn_blocking(move || {
                begun.run(|app, job| match errand {
                    Errand::Scheduled => app.tend(tenant, job),
                    Errand::Following => app.follow(tenant, job),
                });
            });
        }
        let left_alone = state.lock().left_alone_for(now);
        seam::rest(LOOK_AT_MOST_EVERY_MS).await;
        // Woken by every cycle that ends.
        seam::wait(&wake, look_every.min(left_alone)).await;
    }
}

/// Changes in any tenant wake the scheduler, as long as a job follows some: it says so in what this returns.
fn wake_on_changes(app: &App, wake: &Arc<Notify>) -> Arc<AtomicBool> {
    let follows = Arc::new(AtomicBool::new(false));
    let (told, wake) = (Arc::clone(&follows), Arc::clone(wake));
    app.store.when_changed(move || {
        if told.load(Ordering::Relaxed) {
            wake.notify_one();
        }
    });
    follows
}

/// Looks for what is due, and tells when that fails.
struct Looking {
    running: Stopwatch,
    outage: Outage,
}

impl Looking {
    async fn due(&self, app: &Arc<App>) -> Due {
        let asked = Arc::clone(app);
        match tokio::task::spawn_blocking(move || asked.runner.due(100)).await {
            Ok(Ok(due)) => {
                if self.outage.works() {
                    tracing::info!("it can be told again which jobs are due");
                }
                due
            }
            Ok(Err(problem)) => {
                if self.outage.fails(self.running.elapsed()) {
                    tracing::error!(%problem, "cannot tell which jobs are due; no cycle begins until that is over");
                }
                Due::default()
            }
            // The runtime is shutting down.
            Err(_) => Due::default(),
        }
    }
}

/// Those of the due jobs that begin now; from here they count as begun.
fn chosen(state: &Mutex<State>, due: Due, now: Timestamp) -> Vec<(Errand, TenantId, JobId)> {
    let mut state = state.lock();
    state.not_before.retain(|_, until| *until > now);
    let mut chosen = Vec::new();
    for (errand, mut waiting) in [
        (Errand::Scheduled, due.scheduled),
        (Errand::Following, due.behind),
    ] {
        waiting.retain(|(_, job)| state.may_begin(job));
        let places = state.places(errand);
        while let Some((tenant, job)) = places.next(&mut waiting) {
            chosen.push((errand, tenant, job));
        }
    }
    chosen
}

impl State {
    fn places(&mut self, errand: Errand) -> &mut Places {
        match errand {
            Errand::Scheduled => &mut self.scheduled,
            Errand::Following => &mut self.following,
        }
    }

    fn may_begin(&self, job: &JobId) -> bool {
        !self.scheduled.begun.contains_key(job)
            && !self.following.begun.contains_key(job)
            && !self.not_before.contains_key(job)
    }

    /// Milliseconds until the first job is no longer left alone.
    fn left_alone_for(&self, now: Timestamp) -> u64 {
        let until = self.not_before.values().min();
        until.map_or(u64::MAX, |until| until.milliseconds_since(now) + 1)
    }
}

impl Places {
    /// Takes the next of those who wait, if one may begin.
    fn next(&mut self, waiting: &mut Vec<(TenantId, JobId)>) -> Option<(TenantId, JobId)> {
        if self.begun.len() >= CYCLES {
            return None;
        }
        let place = self.turns.next(waiting, &self.begun)?;
        let (tenant, job) = waiting.remove(place);
        self.turns.begins(tenant);
        self.begun.insert(job.clone(), tenant);
        Some((tenant, job))
    }
}

/// When each tenant had a cycle begun last, in turns.
#[derive(Debug, Default)]
struct Turns {
    last: HashMap<TenantId, u64>,
    now: u64,
}

impl Turns {
    /// The place of the next job: of a tenant with the fewest cycles now, and among these of the one
    /// whose turn is longest ago. `None`: none may begin.
    fn next(
        &self,
        waiting: &[(TenantId, JobId)],
        begun: &HashMap<JobId, TenantId>,
    ) -> Option<usize> {
        waiting
            .iter()
            .enumerate()
            .map(|(place, (tenant, _))| {
                let cycles = begun.values().filter(|other| *other == tenant).count();
                (cycles, self.last.get(tenant), place)
            })
            .filter(|(cycles, ..)| *cycles < OF_TENANT)
            .min()
            .map(|(.., place)| place)
    }

    fn begins(&mut self, tenant: TenantId) {
        self.now += 1;
        self.last.insert(tenant, self.now);
    }
}

/// A job whose cycle has begun, as far as the scheduler is concerned; until it is dropped.
struct Begun {
    app: Arc<App>,
    state: Arc<Mutex<State>>,
    wake: Arc<Notify>,
    errand: Errand,
    job: JobId,
}

impl Begun {
    fn run(self, tend: impl FnOnce(&App, &JobId) -> Result<Option<CycleReport>, Problem>) {
        let began = Stopwatch::start();
        match tend(&self.app, &self.job) {
            // Its log line is written where every cycle's is.
            Ok(Some(_)) if self.errand == Errand::Following => self.leave_alone_as_long(began),
            Ok(Some(_)) => {}
            // Another node leads it. There was nothing to help with any more; soon there may be, or
            // that node may be gone.
            Ok(None) => self.leave_alone(LOOK_AFTER_OTHERS_SECONDS),
            Err(_) if self.app.cycles.stopping() => {}
            // Restarted, it is due now; deleted, it is no more.
            Err(problem) if problem.code == CYCLE_ABANDONED => {
                tracing::debug!(job = %self.job, %problem, "the cycle was abandoned");
            }
            // That is said once, for all jobs.
            Err(problem) if problem.code == StoreError::FULL => {
                tracing::debug!(job = %self.job, %problem, "the cycle waits");
                self.leave_alone(BACK_OFF_SECONDS);
            }
            // Reading may work all the same, so that nobody else says it.
            Err(problem) if self.app.runner.is_away(&problem) => {
                tracing::warn!(job = %self.job, %problem, "the cycle waits for the database, and is tried again in {BACK_OFF_SECONDS} seconds");
                self.leave_alone(BACK_OFF_SECONDS);
            }
            Err(problem) => {
                tracing::error!(job = %self.job, %problem, "the cycle could not run");
                self.leave_alone(BACK_OFF_SECONDS);
            }
        }
    }

    fn leave_alone(&self, seconds: i64) {
        let until = self.app.clock.now().plus_seconds(seconds);
        self.state.lock().not_before.insert(self.job.clone(), until);
    }

    /// Whoever makes many changes one after the other has the database for himself half of the time, and the next cycle
    /// takes several of them.
    fn leave_alone_as_long(&self, began: Stopwatch) {
        let took = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
        let until = self.app.clock.now().plus_milliseconds(took);
        self.state.lock().not_before.insert(self.job.clone(), until);
    }
}

/// Also when the cycle panicked: the job must not count as begun until the server ends.
impl Drop for Begun {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!(
                job = %self.job,
                "the cycle broke off by a panic; its last page is safe, and it is tried again in {BACK_OFF_SECONDS} seconds"
            );
            self.leave_alone(BACK_OFF_SECONDS);
        }
        let mut state = self.state.lock();
        state.places(self.errand).begun.remove(&self.job);
        drop(state);
        self.wake.notify_one();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use uuid::Uuid;

    use super::*;
    use crate::app::Settings;
    use crate::data_dir::DataDir;

    const NOW: Timestamp = Timestamp(0);

    fn tenant(number: u128) -> TenantId {
        TenantId(Uuid::from_u128(number))
    }

    /// Jobs `1a`, `1b` of the tenant 1, and so on.
    fn jobs(names: &[&str]) -> Vec<(TenantId, JobId)> {
        names
            .iter()
            .map(|name| {
                let number = name[..1].parse().unwrap();
                (tenant(number), JobId((*name).to_owned()))
            })
            .collect()
    }

    fn scheduled(names: &[&str]) -> Due {
        Due {
            scheduled: jobs(names),
            ..Due::default()
        }
    }

    fn begin(state: &Mutex<State>, due: &[&str]) -> Vec<String> {
        began(chosen(state, scheduled(due), NOW))
    }

    fn began(chosen: Vec<(Errand, TenantId, JobId)>) -> Vec<String> {
        chosen
            .into_iter()
            .map(|(.., job)| job.to_string())
            .collect()
    }

    fn end(state: &Mutex<State>, job: &str) {
        let job = JobId(job.to_owned());
        assert!(state.lock().scheduled.begun.remove(&job).is_some());
    }

    #[test]
    fn a_tenant_with_many_jobs_leaves_a_place_to_others() {
        let state = Mutex::default();
        assert_eq!(begin(&state, &["1a", "1b", "1c", "1d"]), ["1a", "1b"]);
        assert_eq!(begin(&state, &["1c", "1d"]), [""; 0]);
        assert_eq!(begin(&state, &["1c", "1d", "2a"]), ["2a"]);
    }

    #[test]
    fn tenants_have_their_turn_one_after_the_other() {
        let state = Mutex::default();
        let due = ["1a", "1b", "1c", "1d", "2a", "2b", "3a"];
        assert_eq!(begin(&state, &due), ["1a", "2a", "3a"]);
        end(&state, "1a");
        // All have none or one, but the first had its turn before the second.
        assert_eq!(begin(&state, &["1b", "1c", "1d", "2b"]), ["1b"]);
        end(&state, "1b");
        end(&state, "2a");
        assert_eq!(begin(&state, &["1c", "1d", "2b"]), ["2b", "1c"]);
        end(&state, "3a");
        // The one with fewer cycles now; of two with as many, the one that waits longer.
        end(&state, "2b");
        assert_eq!(begin(&state, &["1d", "2c", "4a"]), ["4a", "2c"]);
    }

    #[test]
    fn whoever_follows_changes_does_not_wait_for_first_cycles_and_has_one_place() {
        let state = Mutex::default();
        assert_eq!(begin(&state, &["1a", "1b", "2a"]), ["1a", "2a", "1b"]);
        let due = Due {
            scheduled: jobs(&["3a"]),
            behind: jobs(&["1a", "1c", "3a", "3b"]),
            any_follows: true,
        };
        // What has begun by its schedule begins not again, and what has no place there has one here.
        assert_eq!(began(chosen(&state, due.clone(), NOW)), ["1c", "3a", "3b"]);
        assert_eq!(began(chosen(&state, due, NOW)), [""; 0]);
    }

    #[test]
    fn a_job_that_was_restarted_beside_its_cycle_is_not_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::new(folder.path().join("data"));
        data.create().unwrap();
        let app = Arc::new(App::open(data, Settings::default()).unwrap());
        let state = Arc::new(Mutex::default());
        assert_eq!(begin(&state, &["1a"]), ["1a"]);
        let begun = Begun {
            app: Arc::clone(&app),
            state: Arc::clone(&state),
            wake: Arc::default(),
            errand: Errand::Scheduled,
            job: JobId("1a".to_owned()),
        };
        let kind = syncline_model::ProblemKind::Conflict;
        begun.run(|_, _| Err(Problem::new(kind, CYCLE_ABANDONED, "restarted")));
        assert_eq!(chosen(&state, scheduled(&["1a"]), app.clock.now()).len(), 1);
    }

    #[test]
    fn a_cycle_that_panics_is_left_alone_for_a_minute_and_then_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::new(folder.path().join("data"));
        data.create().unwrap();
        let app = Arc::new(App::open(data, Settings::default()).unwrap());
        let state = Arc::new(Mutex::default());
        assert_eq!(begin(&state, &["1a"]), ["1a"]);
        let begun = Begun {
            app: Arc::clone(&app),
            state: Arc::clone(&state),
            wake: Arc::default(),
            errand: Errand::Scheduled,
            job: JobId("1a".to_owned()),
        };
        let broken = std::thread::spawn(move || begun.run(|_, _| panic!("on purpose")));
        assert!(broken.join().is_err());
        let now = app.clock.now();
        assert!(chosen(&state, scheduled(&["1a"]), now).is_empty());
        let later = now.plus_seconds(BACK_OFF_SECONDS);
        assert_eq!(chosen(&state, scheduled(&["1a"]), later).len(), 1);
    }
}
