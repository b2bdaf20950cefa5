//! Working on a job without a cycle: while somebody does, no cycle of it runs, in this process or on another node.

use syncline_model::{JobId, Problem, TenantId};
use syncline_store::{Lease, Tx};

use super::Work;
use super::leases::Taken;
use crate::Runner;
use crate::observer::Observer;
use crate::threads::running::Claim;

/// The right to it; given back when the work has ended.
pub(crate) struct Alone<'a> {
    tenant: TenantId,
    job: &'a JobId,
    lease: Option<Lease>,
}

impl Runner {
    /// Does this while no cycle of the job runs.
    ///
    /// # Errors
    /// A conflict where one does.
    pub(crate) fn alone<T>(
        &self,
        tenant: TenantId,
        job: &JobId,
        observer: &dyn Observer,
        work: impl FnOnce(&Alone<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let Claim::Mine(ticket) = self.running.claim(job) else {
            return Err(at_work(job));
        };
        let done = match self.patiently(observer, || self.take_job(tenant, job)) {
            Ok(Taken::Mine(lease)) => {
                let _kept = self.heartbeat(tenant, job, lease);
                let done = work(&Alone { tenant, job, lease });
                self.release(tenant, job, lease, observer);
                done
            }
            Ok(Taken::Elsewhere) => Err(at_work(job)),
            Err(problem) => Err(problem),
        };
        // Whoever waited for a cycle learns that there was none, and asks again.
        ticket.finish(Ok(None));
        done
    }

    /// Asked in every transaction of such work, as in those of a cycle: is this node still the one?
    pub(crate) fn confirm_alone(&self, tx: &mut Tx<'_>, alone: &Alone<'_>) -> Result<(), Problem> {
        let work = Work::whole(alone.tenant, alone.job, alone.lease);
        self.confirm(tx, &work)
    }
}

fn at_work(job: &JobId) -> Problem {
    Problem::conflict(format!(
        "A cycle of the job {job} is in progress. `syncline jobs pause --job {job}` stops it after the page in hand; then try again."
    ))
}
