//! `syncline jobs run`: one cycle now.

use serde::{Deserialize, Serialize};
use syncline_model::job::{CycleReport, CycleState, ScheduleState};
use syncline_model::{JobId, ProblemKind};
use syncline_runner::MadeDue;

use super::Action;
use super::begins::Begins;
use crate::app::App;
use crate::failure::Failure;
use crate::progress::{Cycle, Progress};
use crate::{interrupt, report};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JobsRun {
    pub job: String,
    /// Stay until the cycle has ended; otherwise only make it due.
    pub wait: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Ran {
    Ended(CycleReport),
    #[serde(rename_all = "camelCase")]
    Due {
        job_id: String,
        due: bool,
        begins: Begins,
    },
    /// One was in progress: it is the one.
    #[serde(rename_all = "camelCase")]
    Joined {
        job_id: String,
        joined: bool,
    },
}

fn interrupted(job: &JobId) -> Failure {
    Failure::new(format!(
        "interrupted: what the cycle of {job} has done so far is kept"
    ))
    .with_help(format!(
        "`syncline jobs run --job {job} --wait` goes on where it stopped, and so does a running server by itself"
    ))
    .with_exit_code(interrupt::EXIT_CODE)
}

impl Action for JobsRun {
    type Output = Ran;

    fn execute(&self, app: &App, progress: &dyn Progress) -> Result<Ran, Failure> {
        let (job, running) = app.store.read(|reader| {
            let job = app.job(reader, &self.job)?;
            let running = app.runner.is_worked_on(reader, &job)?;
            Ok::<_, Failure>((job, running))
        })?;
        if job.started_at.is_none() {
            return Err(
                Failure::new(format!("the job {} was never started", job.id))
                    .with_help(format!("start it: syncline jobs start --job {}", job.id)),
            );
        }
        if job.state == ScheduleState::Disabled {
            return Err(Failure::new(format!("the job {} is disabled", job.id))
                .with_help(report::disabled(&job.id).trim_end()));
        }
        // One that is still in progress can be waited for.
        let waits = self.wait && running;
        if job.state == ScheduleState::Paused && !waits {
            return Err(Failure::new(format!("the job {} is paused", job.id))
                .with_help(format!("start it: syncline jobs start --job {}", job.id)));
        }
        if !self.wait {
            let job_id = job.id.to_string();
            // Once it is written, nothing is left that could fail.
            let begins = Begins::of(app)?;
            return Ok(match app.runner.make_due(job.tenant, &job.id)? {
                MadeDue::Joined => Ran::Joined {
                    job_id,
                    joined: true,
                },
                MadeDue::Due => Ran::Due {
                    job_id,
                    due: true,
                    begins,
                },
            });
        }
        match app.run_cycle(job.tenant, &job.id, &Cycle(progress)) {
            Ok(report) => Ok(Ran::Ended(report)),
            Err(problem)
                if problem.kind == ProblemKind::Unavailable && app.cycles.interrupted() =>
            {
                Err(interrupted(&job.id))
            }
            Err(problem) => Err(problem.into()),
        }
    }

    fn text(output: &Ran) -> String {
        match output {
            Ran::Ended(ended) => report::cycle(ended),
            Ran::Due { job_id, begins, .. } => {
                format!(
                    "The next cycle of {job_id} is due; {}\n",
                    begins.text(job_id)
                )
            }
            Ran::Joined { job_id, .. } => format!(
                "A cycle of {job_id} is in progress, and no other was made due; `syncline jobs run --job {job_id} --wait` waits for it.\n"
            ),
        }
    }

    /// Good news is only what leaves nothing to do for whoever runs jobs.
    fn is_good(output: &Ran) -> bool {
        match output {
            Ran::Ended(ended) => ended.state == CycleState::Succeeded && ended.counts.staged == 0,
            Ran::Due { .. } | Ran::Joined { .. } => true,
        }
    }
}
