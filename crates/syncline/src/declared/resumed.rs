//! A job that goes on because a file says so, though it was stopped since it was started.

use serde::{Deserialize, Serialize};
use syncline_model::Job;

use crate::commands::standstill::Standstill;

/// What a start would end. Whoever paused a job in an emergency does not expect a file to start it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resumed {
    /// Paused or disabled.
    pub started_from: Standstill,
    /// Why it is in quarantine as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quarantine: Option<String>,
}

impl Resumed {
    /// `None` of a job that runs, or that was never started: its first start nobody has to expect.
    pub fn of(job: &Job) -> Option<Self> {
        let started_from = Standstill::of(job)?;
        (started_from != Standstill::NeverStarted).then(|| Self {
            started_from,
            quarantine: job.status.quarantine.as_ref().map(|it| it.reason.clone()),
        })
    }

    /// What is to be said of the job.
    pub fn text(&self) -> String {
        let was = self.started_from.text();
        match &self.quarantine {
            Some(reason) => format!("{was}, and its quarantine ({reason}) ends by it"),
            None => was.to_owned(),
        }
    }
}
