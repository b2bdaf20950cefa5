//! `syncline jobs run`: one cycle now.

use serde::{Deserialize, Serialize};
use syncline_model::job::{CycleReport, CycleState};
use syncline_model::{JobId, ProblemKind};

use super::Action;
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
    },
}

fn interrupted(job: &JobId) -> Failure {
    Failure::new(format!(
        "interrupted: the cycle of {job} stopped at a page; what it did so far is kept"
    ))
    .with_help(format!(
        "`syncline jobs run --job {job} --wait` goes on where it stopped, and so does a server as soon as it runs"
    ))
    .with_exit_code(interrupt::EXIT_CODE)
}

impl Action for JobsRun {
    type Output = Ran;

    fn execute(&self, app: &App, progress: &dyn Progress) -> Result<Ran, Failure> {
        let job = app.store.read(|reader| app.job(reader, &self.job))?;
        if job.started_at.is_none() {
            return Err(
                Failure::new(format!("the job {} was never started", job.id))
                    .with_help(format!("start it: syncline jobs start --job {}", job.id)),
            );
        }
        if !self.wait {
            app.runner.start(job.tenant, &job.id)?;
            return Ok(Ran::Due {
                job_id: job.id.to_string(),
                due: true,
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
            Ran::Due { job_id, .. } => {
                format!("The next cycle of {job_id} is due; a running server begins it now.\n")
            }
        }
    }

    fn is_good(output: &Ran) -> bool {
        !matches!(
            output,
            Ran::Ended(CycleReport {
                state: CycleState::Failed,
                ..
            })
        )
    }
}
