//! Whether a cycle of a job may begin.

use syncline_model::job::ScheduleState;
use syncline_model::{Job, JobId, Problem, ProblemKind};

use crate::Signal;

/// The code of the problem that there is no change to follow, or not any more.
const NOTHING_TO_FOLLOW: &str = "NothingToFollow";

/// The code of the problem that no cycle of a job may begin, because it was not started, or is not any more.
const NOT_ACTIVE: &str = "JobNotActive";

/// Whether no cycle is to begin, which somebody who asks for one is told, and is nothing to a scheduler: since it saw
/// that the job is due, that was paused, disabled or deleted.
pub(in crate::cycle) fn is_not_due(problem: &Problem) -> bool {
    let is_gone = problem.kind == ProblemKind::NotFound && !Signal::CycleAbandoned.is(problem);
    is_gone || [NOTHING_TO_FOLLOW, NOT_ACTIVE].contains(&&*problem.code)
}

/// # Errors
/// The problem that no cycle of the job may begin, with what to do.
pub(crate) fn check_active(job: &Job) -> Result<(), Problem> {
    let (why, mend) = if job.started_at.is_none() {
        ("was never started", "Start it")
    } else {
        match job.state {
            ScheduleState::Active => return Ok(()),
            ScheduleState::Disabled => (
                "was in quarantine for 4 weeks and is disabled",
                "Mend what its status says, then start it",
            ),
            _ => ("is paused", "Start it"),
        }
    };
    let (id, principal) = (&job.id, &job.service_principal);
    Err(Problem::new(
        ProblemKind::Conflict,
        NOT_ACTIVE,
        format!(
            "The job {id} {why}. {mend} with POST /servicePrincipals/{principal}/synchronization/jobs/{id}/start."
        ),
    ))
}

/// Another node was quicker, or the job was changed or is held back since somebody saw that it is behind.
pub(super) fn nothing_to_follow(job: &JobId) -> Problem {
    Problem::new(
        ProblemKind::Conflict,
        NOTHING_TO_FOLLOW,
        format!("The job {job} has no change to follow now."),
    )
}
