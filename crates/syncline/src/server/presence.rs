//! On a shared database a server says every few seconds that it is there.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use syncline_model::Problem;

use super::again;
use super::stop::Stop;
use crate::app::{App, Scheduler};
use crate::{nodes, seam};

/// So long the end waits for the database.
const PATIENCE_MS: u64 = 2_000;

/// Says so, now.
pub fn say_once(app: &App, node: &str) -> Result<(), Problem> {
    if !app.store.is_shared() {
        return Ok(());
    }
    app.store.write(|tx| {
        let now = app.clock.now();
        let scheduler = app.settings.scheduler == Scheduler::On;
        let address = &app.settings.public_url;
        Ok(nodes::say(tx, node, address, scheduler, now)?)
    })
}

/// Whether a server has said good-bye: what it has begun to say by then is not said behind that.
pub type Gone = Arc<Mutex<bool>>;

fn seen(gone: &Gone) -> MutexGuard<'_, bool> {
    gone.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Says so until a stop is asked for.
pub async fn say(app: Arc<App>, node: String, stop: Stop, gone: Gone) {
    if !app.store.is_shared() {
        return;
    }
    let tell = move || {
        let gone = seen(&gone);
        if *gone {
            return nodes::SAY_EVERY_MS;
        }
        match say_once(&app, &node) {
            Ok(()) => {}
            // That is said once, by whom it stops.
            Err(problem) if app.runner.is_away(&problem) => {
                tracing::debug!(%problem, "cannot tell others that we are here");
            }
            // It is tried again in time; until then others may think it is gone.
            Err(problem) => tracing::warn!(%problem, "cannot tell others that we are here"),
        }
        nodes::SAY_EVERY_MS
    };
    let what = "telling others that we are here";
    again::and_again(what, nodes::SAY_EVERY_MS, stop, tell).await;
}

/// Says good-bye, so that nobody waits for what it had.
pub async fn leave(app: Arc<App>, node: String, gone: Gone) {
    if !app.store.is_shared() {
        return;
    }
    let left = tokio::task::spawn_blocking(move || {
        *seen(&gone) = true;
        app.store
            .write(|tx| Ok::<_, Problem>(nodes::leave(tx, &node)?))
    });
    tokio::select! {
        left = left => if let Ok(Err(problem)) = left {
            tracing::warn!(%problem, "cannot tell others that we go");
        },
        // A database that does not answer must not hold up the end; others forget us in time.
        () = seam::rest(PATIENCE_MS) => {}
    }
}
