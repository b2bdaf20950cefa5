//! `syncline jobs pause`: a cycle in progress stops after the page in hand.

use serde::{Deserialize, Serialize};

use super::Action;
use super::jobs_list::Summary;
use crate::app::App;
use crate::failure::Failure;
use crate::progress::Progress;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JobsPause {
    pub job: String,
}

impl Action for JobsPause {
    type Output = Summary;

    fn execute(&self, app: &App, _progress: &dyn Progress) -> Result<Summary, Failure> {
        let job = app.store.read(|reader| app.job(reader, &self.job))?;
        // What is told of it belongs to what is written: one does not fail behind the other.
        let summary = app.store.write(|tx| {
            let job = app.runner.pause_in(tx, job.tenant, &job.id)?;
            Summary::of(app, tx, &job)
        })?;
        Ok(summary)
    }

    fn text(output: &Summary) -> String {
        let job = &output.job_id;
        match output.open_cycle.as_ref().filter(|it| !it.outdated) {
            None => format!(
                "The job {job} is paused; `syncline jobs start --job {job}` makes its next cycle due.\n"
            ),
            Some(cycle) => format!(
                "The job {job} is paused in the middle of the cycle {}, after the page in hand. `syncline jobs start --job {job}` goes on with it, what it removes included.\nIf the cycle was a mistake: `syncline plan --job {job} --file SCHEMA` plans another schema from where it stands, and a schema that is saved now is followed instead.\n",
                cycle.cycle_id
            ),
        }
    }
}
