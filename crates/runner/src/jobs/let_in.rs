//! Takes jobs out of quarantine that their targets let in again.
//!
//! Whoever changes a policy in the target knows nothing of the jobs, and writes nothing in their tenant. So the targets are
//! asked: a consent that was away for a moment would otherwise let a job stand still until its next attempt.

use std::collections::BTreeMap;

use syncline_model::job::{Quarantine, ScheduleState};
use syncline_model::policy::PolicyRefusal;
use syncline_model::{Job, JobId, Problem, TenantId};
use syncline_store::{Reader, StoreError, Tx};

use crate::Runner;

/// So many jobs are looked at in one go; few of them are in quarantine.
const AT_ONCE: usize = 500;
/// Of so many of those the targets are asked in one go.
const MOST: usize = 100;

/// What came of a look at some jobs.
#[derive(Debug)]
pub struct LetIn {
    /// Those that go on, each with whose it is.
    pub jobs: Vec<(TenantId, JobId)>,
    /// Those that are let in and could not be taken out of quarantine, and why. They are asked for again.
    pub held_up: Vec<(TenantId, JobId, Problem)>,
    /// Behind which job the next look begins; `None`: that was the last one.
    pub next: Option<u64>,
}

/// What targets (second) said of the jobs of a source tenant (first), on one snapshot: many jobs of one pair ask once.
type Said = BTreeMap<(TenantId, TenantId), bool>;

impl Runner {
    /// Of some jobs of all tenants behind `after`, takes those out of quarantine that the policies let in by now: their next
    /// cycle is due at once. Which these are, and where to go on. `stops` is asked before each: a writer of its source
    /// tenant may have to be waited for.
    ///
    /// The targets are asked on a snapshot, so that none of their writers is waited for. Where a consent goes again
    /// meanwhile, the cycle finds that out.
    ///
    /// # Errors
    /// When the jobs can not be read. What is wrong with one of them keeps no other from going on.
    pub fn go_on_where_let_in(
        &self,
        after: Option<u64>,
        stops: impl Fn() -> bool,
    ) -> Result<LetIn, Problem> {
        let now = self.clock.now();
        let slice = self.store.read(|reader| {
            let code = PolicyRefusal::CODE;
            let mut slice = reader.jobs_that_failed_with(code, now, after, AT_ONCE, MOST)?;
            let mut said = Said::new();
            // What is wrong with one is told by its next attempt.
            slice.jobs.retain(|(tenant, job)| {
                let let_in = self.job_to_let_in(reader, *tenant, job, &mut said);
                let_in.is_ok_and(|it| it.is_some())
            });
            Ok::<_, Problem>(slice)
        })?;
        let mut let_in = LetIn {
            jobs: Vec::new(),
            held_up: Vec::new(),
            next: slice.next,
        };
        let mut busy = Vec::new();
        for (tenant, job) in slice.jobs {
            if stops() {
                break;
            }
            if busy.contains(&tenant) {
                continue;
            }
            match self.let_go_on(tenant, &job) {
                Ok(true) => let_in.jobs.push((tenant, job)),
                Ok(false) => {}
                Err(problem) => {
                    let is_busy = problem.code == StoreError::BUSY;
                    let is_away = is_busy || self.is_away(&problem);
                    let_in.held_up.push((tenant, job, problem));
                    if is_busy && self.store.is_shared() {
                        // One wait for its writer is enough.
                        busy.push(tenant);
                    } else if is_away {
                        break;
                    }
                }
            }
        }
        Ok(let_in)
    }

    /// Whether the job was still refused, and goes on now.
    fn let_go_on(&self, tenant: TenantId, job: &JobId) -> Result<bool, Problem> {
        self.store.write(|tx| {
            tx.enter(&[tenant])?;
            let Some(job) = refused(tx, tenant, job)? else {
                return Ok(false);
            };
            self.go_on(tx, job)?;
            Ok(true)
        })
    }

    /// Takes a job out of quarantine if that is for a policy which lets it in by now: its next cycle is due at once. The
    /// job as it is then; `None` where nothing is changed. For who has entered both tenants: the target is read.
    pub fn go_on_if_let_in(
        &self,
        tx: &mut Tx<'_>,
        tenant: TenantId,
        job: &JobId,
    ) -> Result<Option<Job>, Problem> {
        match self.job_to_let_in(tx, tenant, job, &mut Said::new())? {
            Some(job) => self.go_on(tx, job).map(Some),
            None => Ok(None),
        }
    }

    fn go_on(&self, tx: &mut Tx<'_>, mut job: Job) -> Result<Job, Problem> {
        let now = self.clock.now();
        let refused = job.status.quarantine.take();
        // That too much fails is not over with that.
        let beneath = refused.and_then(|it| it.beneath_resumed(now));
        job.status.quarantine = beneath.map(|it| Quarantine {
            next_attempt: now,
            ..it
        });
        job.next_due = Some(now);
        tx.update_job(&job)?;
        Ok(job)
    }

    /// The job, if it is in quarantine for nothing but a policy that lets it in by now.
    fn job_to_let_in(
        &self,
        reader: &Reader<'_>,
        tenant: TenantId,
        job: &JobId,
        said: &mut Said,
    ) -> Result<Option<Job>, Problem> {
        let Some(job) = refused(reader, tenant, job)? else {
            return Ok(None);
        };
        let mut obstacles = Vec::new();
        let Some(connected) = self.opened(reader, &job, &mut obstacles)? else {
            return Ok(None);
        };
        let pair = connected.target.hosted().map(|target| (tenant, target));
        let known = pair.and_then(|pair| said.get(&pair).copied());
        let let_in = match known {
            Some(let_in) => let_in,
            None => self.permitted(reader, &connected, &mut obstacles)?,
        };
        if let Some(pair) = pair {
            said.insert(pair, let_in);
        }
        Ok(let_in.then_some(job))
    }
}

/// The job, if it waits in quarantine because it was not let in.
fn refused(reader: &Reader<'_>, tenant: TenantId, job: &JobId) -> Result<Option<Job>, Problem> {
    let job = reader.job(tenant, job)?;
    Ok(job.filter(|job| {
        let quarantine = job.status.quarantine.as_ref();
        let was_refused = quarantine.is_some_and(|it| it.was_refused());
        // One that is disabled is started by those who look after it.
        was_refused && job.state == ScheduleState::Active && job.running.is_none()
    }))
}
