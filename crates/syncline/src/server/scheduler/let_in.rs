//! Asks now and then whether targets let those of their jobs in again that are in quarantine because they did not.

use std::sync::Arc;

use parking_lot::Mutex;
use syncline_model::Problem;
use syncline_runner::LetIn;
use tokio::sync::Notify;

use crate::app::App;
use crate::outage::Outage;
use crate::seam::Stopwatch;
use crate::server::again;
use crate::server::stop::Stop;

use super::SAY_AGAIN_AFTER;

/// A consent that comes back is noticed so soon. Each time a slice of the jobs is looked at, and few targets are asked.
const ASK_EVERY_MS: u64 = 2000;

/// Makes those jobs due that are let in again, until a stop is asked for, and wakes whoever begins what is due.
pub(super) async fn run(app: Arc<App>, wake: Arc<Notify>, stop: Stop) {
    let asking = Mutex::new(Asking {
        running: Stopwatch::start(),
        after: None,
        outage: Outage::new(SAY_AGAIN_AFTER),
        was_wrong: false,
    });
    let ask = move || {
        let mut asking = asking.lock();
        let stops = || app.cycles.stopping();
        let let_in = app.runner.go_on_where_let_in(asking.after, stops);
        if asking.tell(&app, let_in) {
            wake.notify_one();
        }
        ASK_EVERY_MS
    };
    again::and_again(
        "asking targets whether they let jobs in",
        ASK_EVERY_MS,
        stop,
        ask,
    )
    .await;
}

struct Asking {
    running: Stopwatch,
    /// Behind which job the next slice begins.
    after: Option<u64>,
    outage: Outage,
    /// Whether a job could not go on since the first slice.
    was_wrong: bool,
}

impl Asking {
    /// Tells what came of a look, and goes on behind it. Whether any job was let in.
    fn tell(&mut self, app: &App, let_in: Result<LetIn, Problem>) -> bool {
        let now = self.running.elapsed();
        let let_in = match let_in {
            Ok(let_in) => let_in,
            // Whoever looks for due jobs says so.
            Err(problem) if app.runner.is_away(&problem) => {
                tracing::debug!(%problem, "no target is asked whether it lets a job in");
                return false;
            }
            Err(problem) => {
                if self.outage.fails(now) {
                    tracing::error!(%problem, "cannot ask targets whether they let jobs in again, which wait for their next attempt until that is over");
                }
                return false;
            }
        };
        self.after = let_in.next;
        for (_, job) in &let_in.jobs {
            tracing::info!(%job, "the target lets the job in again: its next cycle is due");
        }
        let (away, wrong): (Vec<_>, Vec<_>) = let_in
            .held_up
            .into_iter()
            .partition(|(_, _, problem)| app.runner.is_away(problem));
        for (_, job, problem) in away {
            tracing::debug!(%job, %problem, "the target lets the job in again, which waits for the database");
        }
        self.was_wrong |= !wrong.is_empty();
        if !wrong.is_empty() && self.outage.fails(now) {
            for (_, job, problem) in wrong {
                tracing::error!(%job, %problem, "the target lets the job in again, and it cannot go on; that is tried again");
            }
        }
        // Only when all were looked at: one that can not go on is in one slice alone.
        let is_round = let_in.next.is_none();
        if is_round && !std::mem::take(&mut self.was_wrong) && self.outage.works() {
            tracing::info!("targets can be asked again whether they let jobs in");
        }
        !let_in.jobs.is_empty()
    }
}
