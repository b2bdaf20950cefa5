//! `syncline jobs restart`: forgets what the scope says and makes the next cycle due.

use serde::{Deserialize, Serialize};
use syncline_model::job::ScheduleState;
use syncline_model::{Job, ResetScope};
use syncline_store::Tx;

use super::Action;
use super::begins::Begins;
use super::jobs_list::Summary;
use crate::app::App;
use crate::failure::Failure;
use crate::progress::Progress;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JobsRestart {
    pub job: String,
    /// Comma-separated words; empty is what the portal's Restart button does.
    pub scope: String,
}

/// The job as it is then.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Restarted {
    #[serde(flatten)]
    pub job: Summary,
    /// What the job was, where the restart has started it as well; as in Graph, that is what it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_from: Option<Standstill>,
    pub begins: Begins,
}

/// Why no cycle of a job would have begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Standstill {
    NeverStarted,
    Paused,
    /// By four weeks in quarantine.
    Disabled,
}

impl Standstill {
    fn of(job: &Job) -> Option<Self> {
        match job.state {
            _ if job.started_at.is_none() => Some(Self::NeverStarted),
            ScheduleState::Paused => Some(Self::Paused),
            ScheduleState::Disabled => Some(Self::Disabled),
            ScheduleState::Active => None,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::NeverStarted => "It was never started before, and is started by this.\n",
            Self::Paused => "It was paused, and is started by this.\n",
            Self::Disabled => {
                "It was disabled after 4 weeks in quarantine, and is started by this.\n"
            }
        }
    }
}

impl Action for JobsRestart {
    type Output = Restarted;

    fn execute(&self, app: &App, _progress: &dyn Progress) -> Result<Restarted, Failure> {
        let scope = ResetScope::parse(&self.scope).map_err(|word| {
            Failure::new(format!("`{word}` is not a restart scope")).with_help(format!(
                "use one or more of {}, separated by commas",
                ResetScope::words()
            ))
        })?;
        let job = app.store.read(|reader| app.job(reader, &self.job))?;
        let started_from = Standstill::of(&job);
        // Once it is written, nothing is left that could fail.
        let begins = Begins::of(app)?;
        let told = |tx: &mut Tx<'_>, job: &Job| Summary::of(app, tx, job);
        let job = app.runner.restart_and(job.tenant, &job.id, scope, told)?;
        Ok(Restarted {
            job,
            started_from,
            begins,
        })
    }

    fn text(output: &Restarted) -> String {
        let job = output.job.job_id.as_str();
        format!(
            "The job {job} is restarted; its next cycle is due; {}\n{}",
            output.begins.text(job),
            output.started_from.map_or("", Standstill::text)
        )
    }
}
