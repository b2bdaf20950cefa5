//! `syncline jobs run`: one cycle now.

use serde::{Deserialize, Serialize};
use syncline_model::job::{CycleReport, CycleState, ScheduleState};
use syncline_model::{JobId, ProblemKind};

use super::Action;
use crate::app::{App, Scheduler};
use crate::failure::Failure;
use crate::progress::{Cycle, Progress};
use crate::{interrupt, nodes, report};

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
}

/// Who begins a cycle that was only made due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Begins {
    /// The server on this data directory, at once.
    Here,
    /// Another server on the same database, when it looks for what is due.
    Elsewhere,
    /// Nobody: the server on this data directory was told not to.
    NoScheduler,
    /// Nobody: no server runs here, and none elsewhere begins it.
    NoServer,
}

impl Begins {
    fn of(app: &App) -> Result<Self, Failure> {
        let elsewhere = app.settings.scheduler != Scheduler::On
            && app.store.is_shared()
            && app
                .store
                .read(|reader| nodes::schedules(reader, app.clock.now()))?;
        Ok(match app.settings.scheduler {
            Scheduler::On => Self::Here,
            _ if elsewhere => Self::Elsewhere,
            Scheduler::Off => Self::NoScheduler,
            Scheduler::NoServer => Self::NoServer,
        })
    }

    fn text(self, job: &str) -> String {
        let with_wait = format!("`syncline jobs run --job {job} --wait`");
        match self {
            Self::Here => "the running server begins it now.".to_owned(),
            Self::Elsewhere => "another server on this database begins it in a moment.".to_owned(),
            Self::NoScheduler => format!(
                "the running server leaves it to others (--no-scheduler).\n{with_wait} runs it now."
            ),
            Self::NoServer => format!(
                "no server runs here to begin it.\n{with_wait} runs it now; `syncline serve` begins it when it starts."
            ),
        }
    }
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
            app.runner.start(job.tenant, &job.id)?;
            return Ok(Ran::Due {
                job_id: job.id.to_string(),
                due: true,
                begins: Begins::of(app)?,
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
        }
    }

    /// Good news is only what leaves nothing to do for whoever runs jobs.
    fn is_good(output: &Ran) -> bool {
        match output {
            Ran::Ended(ended) => ended.state == CycleState::Succeeded && ended.counts.staged == 0,
            Ran::Due { .. } => true,
        }
    }
}
