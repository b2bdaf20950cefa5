//! `syncline jobs start`: its first cycle, or the next one, is due at once.

use serde::{Deserialize, Serialize};

use super::Action;
use super::begins::Begins;
use super::jobs_list::Summary;
use crate::app::App;
use crate::failure::Failure;
use crate::progress::Progress;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JobsStart {
    pub job: String,
}

/// The job as it is then.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Started {
    #[serde(flatten)]
    pub job: Summary,
    pub begins: Begins,
}

impl Action for JobsStart {
    type Output = Started;

    fn execute(&self, app: &App, _progress: &dyn Progress) -> Result<Started, Failure> {
        let job = app.store.read(|reader| app.job(reader, &self.job))?;
        // Once it is written, nothing is left that could fail.
        let begins = Begins::of(app)?;
        let job = app.store.write(|tx| {
            let job = app.runner.start_in(tx, job.tenant, &job.id)?;
            Summary::of(app, tx, &job)
        })?;
        Ok(Started { job, begins })
    }

    fn text(output: &Started) -> String {
        let job = output.job.job_id.as_str();
        let begins = output.begins.text(job);
        format!("The job {job} is started; its next cycle is due; {begins}\n")
    }
}
