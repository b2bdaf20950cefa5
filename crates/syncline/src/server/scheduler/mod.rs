//! Begins cycles when they are due, by their schedule or because something has changed: of each tenant in turn, and never
//! so many of one that there is no place for others.

mod let_in;
mod places;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use syncline_model::job::CycleReport;
use syncline_model::{JobId, Problem, TenantId};
use syncline_runner::{Due, Signal};
use syncline_store::StoreError;
use tokio::sync::Notify;

use crate::app::App;
use crate::outage::Outage;
use crate::seam::{self, Stopwatch};

use super::stop::Stop;
use places::{Errand, State};

/// How often is looked, unless something wakes us.
const LOOK_EVERY_MS: u64 = 500;
/// On a shared database nothing wakes us when another node has written. So often is looked while a job follows changes.
const LOOK_FOR_CHANGES_EVERY_MS: u64 = 50;
/// Whatever wakes us, so long a look is the last one: many commits are seen by one.
const LOOK_AT_MOST_EVERY_MS: u64 = 5;
/// That it can not be looked is said so often.
const SAY_AGAIN_AFTER: Duration = Duration::from_secs(30);
/// A job that another node runs is looked at again after so long.
const LOOK_AFTER_OTHERS: Duration = Duration::from_secs(1);
/// A job that has followed changes rests no longer, however long that took.
const LONGEST_REST: Duration = Duration::from_secs(5);
/// A job whose cycle could not even begin is left alone for so long.
const BACK_OFF_SECONDS: u64 = 60;
const BACK_OFF: Duration = Duration::from_secs(BACK_OFF_SECONDS);
/// So often is a cycle tried that panics: a fault of the moment does not come back. Then it has failed.
const TRIES: u32 = 3;

/// Looks for due jobs until a stop is asked for; beside that, for jobs that their targets let in again, which may have to
/// wait for writers of a tenant and keep no other's cycles from beginning.
pub async fn run(app: Arc<App>, wake: Arc<Notify>, stop: Stop) {
    let let_in = let_in::run(Arc::clone(&app), Arc::clone(&wake), stop.clone());
    tokio::join!(begin(app, wake, stop), let_in);
}

async fn begin(app: Arc<App>, wake: Arc<Notify>, stop: Stop) {
    let state = Arc::new(Mutex::new(State::default()));
    let running = Stopwatch::start();
    let looking = Looking {
        running,
        outage: Outage::new(SAY_AGAIN_AFTER),
    };
    let follows = wake_on_changes(&app, &wake);
    while !stop.asked() {
        let ask_for = state.lock().ask_for();
        let due = looking.due(&app, ask_for).await;
        if stop.asked() {
            return;
        }
        follows.store(due.any_follows, Ordering::Relaxed);
        let look_every = match due.any_follows && app.store.is_shared() {
            true => LOOK_FOR_CHANGES_EVERY_MS,
            false => LOOK_EVERY_MS,
        };
        let now = running.elapsed();
        let chosen = state.lock().chosen(due, now);
        for (errand, tenant, job) in chosen {
            let begun = Begun {
                app: Arc::clone(&app),
                state: Arc::clone(&state),
                running,
                wake: Arc::clone(&wake),
                errand,
                tenant,
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
    async fn due(&self, app: &Arc<App>, ask_for: usize) -> Due {
        let asked = Arc::clone(app);
        match tokio::task::spawn_blocking(move || asked.runner.due(ask_for)).await {
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

/// A job whose cycle has begun, as far as the scheduler is concerned; until it is dropped.
struct Begun {
    app: Arc<App>,
    state: Arc<Mutex<State>>,
    /// Since the scheduler began.
    running: Stopwatch,
    wake: Arc<Notify>,
    errand: Errand,
    tenant: TenantId,
    job: JobId,
}

impl Begun {
    fn run(self, tend: impl FnOnce(&App, &JobId) -> Result<Option<CycleReport>, Problem>) {
        let began = Stopwatch::start();
        // What was locked or begun in it is given back on the way: its page as a whole, and its claim to the job.
        let Ok(tended) = catch_unwind(AssertUnwindSafe(|| tend(&self.app, &self.job))) else {
            return self.panicked();
        };
        self.state.lock().came_back(&self.job);
        match tended {
            // Its log line is written where every cycle's is.
            Ok(Some(_)) if self.errand == Errand::Following => self.rest_as_long(began),
            Ok(Some(_)) => {}
            // Another node leads it, or was quicker. There was nothing to help with any more; soon there may be,
            // or that node may be gone.
            Ok(None) if self.app.store.is_shared() => self.leave_alone(LOOK_AFTER_OTHERS),
            // Somebody has run it meanwhile, or it is not due any more.
            Ok(None) => {}
            Err(_) if self.app.cycles.stopping() => {}
            // Restarted, it is due now; deleted, it is no more.
            Err(problem) if Signal::CycleAbandoned.is(&problem) => {
                tracing::debug!(job = %self.job, %problem, "the cycle was abandoned");
            }
            // That is said once, for all jobs.
            Err(problem) if StoreError::was_obstacle(&problem) => {
                tracing::debug!(job = %self.job, %problem, "the cycle waits");
                self.leave_alone(BACK_OFF);
            }
            // Reading may work all the same, so that nobody else says it.
            Err(problem) if self.app.runner.is_away(&problem) => {
                tracing::warn!(job = %self.job, %problem, "the cycle waits for the database, and is tried again in {BACK_OFF_SECONDS} seconds");
                self.leave_alone(BACK_OFF);
            }
            Err(problem) => {
                tracing::error!(job = %self.job, %problem, "the cycle could not run");
                self.leave_alone(BACK_OFF);
            }
        }
    }

    /// One object, or a page as it stands, may panic each time. Its job must not be tried without end while nobody is told.
    fn panicked(&self) {
        let times = self.state.lock().panicked(&self.job);
        if times < TRIES {
            tracing::error!(
                job = %self.job,
                "the cycle broke off by a panic; its last page is safe, and it is tried again in {BACK_OFF_SECONDS} seconds"
            );
            return self.leave_alone(BACK_OFF);
        }
        tracing::error!(job = %self.job, "the cycle broke off by a panic {times} times, and has failed; its last page is safe");
        match self.app.break_off(self.tenant, &self.job) {
            Ok(Some(_)) => self.state.lock().came_back(&self.job),
            // It had not even begun, or another node goes on with it.
            Ok(None) => self.leave_alone(BACK_OFF),
            Err(problem) => {
                tracing::error!(job = %self.job, %problem, "the cycle cannot be ended");
                self.leave_alone(BACK_OFF);
            }
        }
    }

    fn leave_alone(&self, time: Duration) {
        let until = self.running.elapsed() + time;
        self.state.lock().leave_alone(&self.job, until);
    }

    /// Whoever makes many changes one after the other has the database for himself half of the time, and the next cycle
    /// takes several of them. After a long one, many have waited already.
    fn rest_as_long(&self, began: Stopwatch) {
        let rest = began.elapsed().min(LONGEST_REST);
        let until = self.running.elapsed() + rest;
        self.state.lock().rest(&self.job, until);
    }
}

/// Whatever became of it: the job must not count as begun until the server ends.
impl Drop for Begun {
    fn drop(&mut self) {
        // Even ending the cycle as failed may.
        if std::thread::panicking() {
            self.leave_alone(BACK_OFF);
        }
        self.state.lock().ended(self.errand, &self.job);
        self.wake.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Settings;
    use crate::data_dir::DataDir;

    fn due() -> Due {
        let job = JobId("job".to_owned());
        Due {
            scheduled: vec![(TenantId::NIL, job)],
            ..Due::default()
        }
    }

    #[test]
    fn a_job_that_was_restarted_beside_its_cycle_is_not_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::new(folder.path().join("data"));
        data.create().unwrap();
        let app = Arc::new(App::open(data, Settings::default()).unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let running = Stopwatch::start();
        assert_eq!(state.lock().chosen(due(), running.elapsed()).len(), 1);
        let begun = Begun {
            app: Arc::clone(&app),
            state: Arc::clone(&state),
            running,
            wake: Arc::default(),
            errand: Errand::Scheduled,
            tenant: TenantId::NIL,
            job: JobId("job".to_owned()),
        };
        let kind = syncline_model::ProblemKind::Conflict;
        begun.run(|_, _| {
            Err(Problem::new(
                kind,
                Signal::CycleAbandoned.code(),
                "restarted",
            ))
        });
        assert_eq!(state.lock().chosen(due(), running.elapsed()).len(), 1);
    }

    #[test]
    fn a_cycle_that_panics_is_left_alone_for_a_minute_and_then_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::new(folder.path().join("data"));
        data.create().unwrap();
        let app = Arc::new(App::open(data, Settings::default()).unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let running = Stopwatch::start();
        assert_eq!(state.lock().chosen(due(), running.elapsed()).len(), 1);
        let begun = Begun {
            app: Arc::clone(&app),
            state: Arc::clone(&state),
            running,
            wake: Arc::default(),
            errand: Errand::Scheduled,
            tenant: TenantId::NIL,
            job: JobId("job".to_owned()),
        };
        begun.run(|_, _| panic!("on purpose"));
        let now = running.elapsed();
        assert!(state.lock().chosen(due(), now).is_empty());
        let later = now + BACK_OFF;
        assert_eq!(state.lock().chosen(due(), later).len(), 1);
    }
}
