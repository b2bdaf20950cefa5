//! Whose turn it is to look, and whether somebody waits for that still.
//!
//! Of this process, not of a database that several nodes share: to tell others, a doctor would have to write, and it is
//! asked just when that may be impossible. Two that look at once find the same and take longer.

use std::time::Duration;

use parking_lot::MutexGuard;

use crate::app::App;
use crate::failure::Failure;
use crate::progress::{Progress, Step};

/// How often whoever waits for their turn sees whether they should go on waiting.
const LOOK_EVERY: Duration = Duration::from_millis(50);

pub(super) struct Turn<'t> {
    pub(super) app: &'t App,
    pub(super) progress: &'t dyn Progress,
    _alone: MutexGuard<'t, ()>,
}

impl<'t> Turn<'t> {
    /// Says so when another one is at it: it may have been asked by somebody who then pressed Ctrl-C, and end in a moment.
    pub(super) fn wait_for(app: &'t App, progress: &'t dyn Progress) -> Result<Self, Failure> {
        let mut alone = app.doctor.try_lock();
        if alone.is_none() {
            progress.step(Step {
                label: "waiting for another doctor to end".to_owned(),
                done: 0,
                total: 1,
            });
        }
        loop {
            if let Some(alone) = alone {
                return Ok(Self {
                    app,
                    progress,
                    _alone: alone,
                });
            }
            refuse_given_up(app, progress)?;
            alone = app.doctor.try_lock_for(LOOK_EVERY);
        }
    }

    pub(super) fn must_stop(&self) -> bool {
        must_stop(self.app, self.progress)
    }

    /// Asked between two pages.
    pub(super) fn goes_on(&self) -> Result<(), Failure> {
        refuse_given_up(self.app, self.progress)
    }
}

fn must_stop(app: &App, progress: &dyn Progress) -> bool {
    progress.gone() || app.cycles.stopping()
}

fn refuse_given_up(app: &App, progress: &dyn Progress) -> Result<(), Failure> {
    if !must_stop(app, progress) {
        return Ok(());
    }
    Err(Failure::new(
        "the doctor was given up, because the server stops or nobody waits for it any more",
    )
    .with_help("run it again when the server runs; what was not looked at is not known to be well"))
}
