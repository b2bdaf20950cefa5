//! Why a job stands still that is started.

use serde::{Deserialize, Serialize};
use syncline_model::Job;
use syncline_model::job::ScheduleState;

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
    pub fn of(job: &Job) -> Option<Self> {
        match job.state {
            _ if job.started_at.is_none() => Some(Self::NeverStarted),
            ScheduleState::Paused => Some(Self::Paused),
            ScheduleState::Disabled => Some(Self::Disabled),
            ScheduleState::Active => None,
        }
    }

    /// What is to be said of the job.
    pub fn text(self) -> &'static str {
        match self {
            Self::NeverStarted => "was never started before",
            Self::Paused => "was paused",
            Self::Disabled => "was disabled after 4 weeks in quarantine",
        }
    }
}
