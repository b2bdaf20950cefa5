//! The end of a cycle that panics whenever it is tried.

use syncline_model::job::{CycleReport, CycleState};
use syncline_model::{JobId, Problem, TenantId};

use super::{Work, leases};
use crate::observer::Observer;
use crate::threads::running::Claim;
use crate::{Runner, Signal};

/// What the status of its job says. What the panic was about may name somebody's values, and stands in the program's own log.
const WHY: (&str, &str) = (
    "InternalError",
    "The program breaks off the cycle by an error of its own, each time it is tried: its log says where. Everything up to the page before is done, and nothing of that page. Report it, and leave out what was changed last: a pattern, an expression, or the object that the log names.",
);

impl Runner {
    /// Ends the cycle in progress of a job as failed, for a scheduler whose tries at it have all panicked: it would go on from
    /// the page that panics without end, and nobody be told. From there the job is in quarantine, like any whose cycles fail.
    /// `None` when no cycle is in progress, or somebody works on it.
    pub fn break_off(
        &self,
        tenant: TenantId,
        job: &JobId,
        observer: &dyn Observer,
    ) -> Result<Option<CycleReport>, Problem> {
        let Claim::Mine(ticket) = self.running.claim(job) else {
            return Ok(None);
        };
        let outcome = self.break_off_alone(tenant, job, observer);
        ticket.finish(outcome.clone());
        outcome
    }

    fn break_off_alone(
        &self,
        tenant: TenantId,
        job: &JobId,
        observer: &dyn Observer,
    ) -> Result<Option<CycleReport>, Problem> {
        let leases::Taken::Mine(lease) = self.patiently(observer, || self.take_job(tenant, job))?
        else {
            return Ok(None);
        };
        let work = Work::whole(tenant, job, lease);
        let (code, message) = WHY;
        let ended = self.patiently(observer, || {
            let why = Some((code.to_owned(), message.to_owned()));
            self.finish(&work, CycleState::Failed, why, observer)
        });
        match ended {
            Ok(report) => Ok(Some(report)),
            Err(problem) => match self.let_go(tenant, job, lease, problem, observer) {
                // None had begun, or it was abandoned meanwhile.
                gone if Signal::CycleAbandoned.is(&gone) => Ok(None),
                problem => Err(problem),
            },
        }
    }
}
