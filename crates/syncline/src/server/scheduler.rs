//! Begins cycles when they are due.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use parking_lot::Mutex;
use syncline_model::{JobId, TenantId, Timestamp};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use crate::app::App;
use crate::seam;

use super::stop::Stop;

/// Cycles at the same time.
const CYCLES: usize = 2;
/// How often is looked, unless something wakes us.
const LOOK_EVERY_MS: u64 = 500;
/// A job that another node runs is looked at again after so long.
const LOOK_AFTER_OTHERS_SECONDS: i64 = 1;
/// A job whose cycle could not even begin is left alone for so long.
const BACK_OFF_SECONDS: i64 = 60;

#[derive(Debug, Default)]
struct State {
    begun: HashSet<JobId>,
    not_before: HashMap<JobId, Timestamp>,
}

/// Looks for due jobs until a stop is asked for.
pub async fn run(app: Arc<App>, wake: Arc<Notify>, stop: Stop) {
    let slots = Arc::new(Semaphore::new(CYCLES));
    let state = Arc::new(Mutex::new(State::default()));
    while !stop.asked() {
        for (tenant, job) in due(&app, &state).await {
            // The semaphore is never closed.
            let Ok(slot) = Arc::clone(&slots).acquire_owned().await else {
                return;
            };
            if stop.asked() {
                return;
            }
            begin(&app, &state, &wake, slot, tenant, job);
        }
        seam::wait(&wake, LOOK_EVERY_MS).await;
    }
}

async fn due(app: &Arc<App>, state: &Mutex<State>) -> Vec<(TenantId, JobId)> {
    let asked = Arc::clone(app);
    let due = match tokio::task::spawn_blocking(move || asked.runner.due(100)).await {
        Ok(Ok(due)) => due,
        Ok(Err(problem)) => {
            tracing::error!(%problem, "can not tell which jobs are due");
            return Vec::new();
        }
        // The runtime is shutting down.
        Err(_) => return Vec::new(),
    };
    let now = app.clock.now();
    let mut state = state.lock();
    state.not_before.retain(|_, until| *until > now);
    due.into_iter()
        .filter(|(_, job)| !state.begun.contains(job) && !state.not_before.contains_key(job))
        .collect()
}

fn begin(
    app: &Arc<App>,
    state: &Arc<Mutex<State>>,
    wake: &Arc<Notify>,
    slot: OwnedSemaphorePermit,
    tenant: TenantId,
    job: JobId,
) {
    let (app, state, wake) = (Arc::clone(app), Arc::clone(state), Arc::clone(wake));
    state.lock().begun.insert(job.clone());
    tokio::task::spawn_blocking(move || {
        let result = app.tend(tenant, &job);
        let mut state = state.lock();
        state.begun.remove(&job);
        match result {
            // Its log line is written where every cycle's is.
            Ok(Some(_)) => {}
            // Another node leads it. There was nothing to help with any more; soon there may be, or
            // that node may be gone.
            Ok(None) => {
                state
                    .not_before
                    .insert(job, app.clock.now().plus_seconds(LOOK_AFTER_OTHERS_SECONDS));
            }
            Err(_) if app.cycles.stopping() => {}
            Err(problem) => {
                tracing::error!(%job, %problem, "the cycle could not run");
                state
                    .not_before
                    .insert(job, app.clock.now().plus_seconds(BACK_OFF_SECONDS));
            }
        }
        drop(state);
        drop(slot);
        wake.notify_one();
    });
}
