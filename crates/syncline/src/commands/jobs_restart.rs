//! `syncline jobs restart`: forgets what the scope says and makes the next cycle due.

use serde::{Deserialize, Serialize};
use syncline_model::{Job, ResetScope};
use syncline_store::Tx;

use super::Action;
use super::begins::Begins;
use super::jobs_list::Summary;
use super::standstill::Standstill;
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
            output.started_from.map_or_else(String::new, started)
        )
    }
}

fn started(started_from: Standstill) -> String {
    let was = started_from.text();
    format!("It {was}, and is started by this.\n")
}
