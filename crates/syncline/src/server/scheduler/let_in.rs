//! Asks now and then whether targets let those of their jobs in again that are in quarantine because they did not.

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::outage::Outage;
use crate::seam::Stopwatch;

use super::SAY_AGAIN_AFTER;

/// A consent that comes back is noticed so soon. Each time a slice of the jobs is looked at, and few targets are asked.
const ASK_EVERY: Duration = Duration::from_secs(2);

pub(super) struct LetIn {
    running: Stopwatch,
    /// Since the scheduler began.
    next: Duration,
    /// Behind which job the next slice begins.
    after: Option<u64>,
    outage: Outage,
}

impl LetIn {
    pub(super) fn new(running: Stopwatch) -> Self {
        Self {
            running,
            next: Duration::ZERO,
            after: None,
            outage: Outage::new(SAY_AGAIN_AFTER),
        }
    }

    /// Makes those jobs due that are let in again, when it is time to ask.
    pub(super) async fn look(&mut self, app: &Arc<App>) {
        let now = self.running.elapsed();
        if now < self.next {
            return;
        }
        self.next = now + ASK_EVERY;
        let (asked, after) = (Arc::clone(app), self.after);
        let asking = tokio::task::spawn_blocking(move || asked.runner.go_on_where_let_in(after));
        match asking.await {
            Ok(Ok(let_in)) => {
                if self.outage.works() {
                    tracing::info!("targets can be asked again whether they let jobs in");
                }
                self.after = let_in.next;
                for (_, job) in let_in.jobs {
                    tracing::info!(%job, "the target lets the job in again: its next cycle is due");
                }
            }
            // Whoever looks for due jobs says so.
            Ok(Err(problem)) if app.runner.is_away(&problem) => {
                tracing::debug!(%problem, "no target is asked whether it lets a job in");
            }
            Ok(Err(problem)) => {
                if self.outage.fails(now) {
                    tracing::error!(%problem, "cannot ask targets whether they let jobs in again, which wait for their next attempt until that is over");
                }
            }
            // The runtime is shutting down.
            Err(_) => {}
        }
    }
}
