//! `syncline jobs restart`: forgets what the scope says and makes the next cycle due.

use serde::{Deserialize, Serialize};
use syncline_model::ResetScope;

use super::Action;
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

impl Action for JobsRestart {
    type Output = Summary;

    fn execute(&self, app: &App, _progress: &dyn Progress) -> Result<Summary, Failure> {
        let scope = ResetScope::parse(&self.scope).map_err(|word| {
            Failure::new(format!("`{word}` is not a restart scope")).with_help(format!(
                "use one or more of {}, separated by commas",
                ResetScope::words()
            ))
        })?;
        let job = app.store.read(|reader| app.job(reader, &self.job))?;
        let job = app.runner.restart(job.tenant, &job.id, scope)?;
        Ok(app.store.read(|reader| Summary::of(app, reader, &job))?)
    }

    fn text(output: &Summary) -> String {
        format!(
            "The job {} is restarted; its next cycle is due.\n",
            output.job_id
        )
    }
}
