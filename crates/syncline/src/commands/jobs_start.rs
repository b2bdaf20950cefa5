//! `syncline jobs start`: its first cycle, or the next one, is due at once.

use serde::{Deserialize, Serialize};

use super::Action;
use super::jobs_list::Summary;
use crate::app::App;
use crate::failure::Failure;
use crate::progress::Progress;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JobsStart {
    pub job: String,
}

impl Action for JobsStart {
    type Output = Summary;

    fn execute(&self, app: &App, _progress: &dyn Progress) -> Result<Summary, Failure> {
        let job = app.store.read(|reader| app.job(reader, &self.job))?;
        let job = app.runner.start(job.tenant, &job.id)?;
        Ok(app.store.read(|reader| Summary::of(app, reader, &job))?)
    }

    fn text(output: &Summary) -> String {
        format!(
            "The job {} is started; its next cycle is due.\n",
            output.job_id
        )
    }
}
