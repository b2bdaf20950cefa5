//! A full read in parts that several nodes take one by one: each a range of the source, with a lease
//! and a checkpoint of its own. The node that leads takes parts as the others do, and goes on to the
//! next phase when the last is done, whoever did it. A part whose node is not heard of any more is
//! taken again, from its checkpoint.

use syncline_model::job::{CyclePhase, RunningCycle, ScheduleState};
use syncline_model::{JobId, Problem, TenantId};
use syncline_store::Part;

use super::phases::Next;
use super::{PageEnd, Work};
use crate::observer::Observer;
use crate::threads::wait::{LOOK_EVERY_MS, pause};
use crate::{Runner, Signal};

impl Runner {
    /// The leading node's way through the source phase.
    pub(super) fn parts(
        &self,
        work: &Work<'_>,
        observer: &dyn Observer,
    ) -> Result<PageEnd, Problem> {
        loop {
            let configuration = self.patiently(observer, || self.configured(work))?;
            // Nothing to write, but the questions of every page: is this node still the one, was a
            // pause asked for, does the target still allow it?
            let (end, _) = self.patiently(observer, || {
                self.in_page(work, &configuration, |_, _, _, _| {
                    Ok((Vec::new(), Next::Outdated))
                })
            })?;
            if let PageEnd::Finished(..) = end {
                return Ok(end);
            }
            match self.patiently(observer, || self.take_part(work.tenant, work.job))? {
                Some((part, _)) => match self.walk_part(work, &part, observer) {
                    Ok(end) if !end.goes_on() => return Ok(end),
                    Ok(_) => {}
                    // Another node has it; this one still leads.
                    Err(problem) if Signal::PartLeaseLost.is(&problem) => {}
                    Err(problem) => return Err(problem),
                },
                None if observer.must_stop() => return Ok(PageEnd::Interrupted),
                None => {
                    let (phase, _) = self.patiently(observer, || self.place(work))?;
                    if phase != CyclePhase::Source {
                        return Ok(PageEnd::More);
                    }
                    pause(LOOK_EVERY_MS);
                }
            }
        }
    }

    /// Works on parts of a cycle that another node leads, until there is none to be had.
    pub(super) fn help(
        &self,
        tenant: TenantId,
        job: &JobId,
        observer: &dyn Observer,
    ) -> Result<(), Problem> {
        let work = Work::whole(tenant, job, None);
        while let Some((part, cycle)) = self.patiently(observer, || self.take_part(tenant, job))? {
            observer.helps(job, &cycle);
            match self.walk_part(&work, &part, observer) {
                // Paused, or not allowed any more: the leading node meets the same and ends it.
                Ok(end) if !end.goes_on() => return Ok(()),
                Ok(_) => {}
                Err(problem) if Signal::PartLeaseLost.is(&problem) => {}
                Err(problem) => return Err(self.why_gone(tenant, job, None, problem, observer)),
            }
        }
        Ok(())
    }

    fn take_part(
        &self,
        tenant: TenantId,
        job: &JobId,
    ) -> Result<Option<(Part, RunningCycle)>, Problem> {
        self.store.write(|tx| {
            tx.enter(&[tenant])?;
            let found = tx
                .job(tenant, job)?
                .filter(|job| job.state == ScheduleState::Active && !job.pause_requested)
                .and_then(|job| job.running)
                .filter(|cycle| cycle.in_parts && cycle.phase == CyclePhase::Source);
            let Some(cycle) = found else { return Ok(None) };
            let (now, until) = self.lease_term(tx)?;
            let part = tx.lease_part(tenant, job, self.node.id, now, until)?;
            Ok(part.map(|part| (part, cycle)))
        })
    }

    fn walk_part(
        &self,
        work: &Work<'_>,
        part: &Part,
        observer: &dyn Observer,
    ) -> Result<PageEnd, Problem> {
        let of_part = Work {
            part: Some(part.lease.part),
            part_lease: Some(part.lease),
            ..*work
        };
        let _kept = self.heartbeat(work.tenant, work.job, Some(part.lease));
        let mut size = self.page_sizes.first;
        loop {
            let walked = self
                .walk(&of_part, &part.last, size, observer)
                .and_then(|(end, next)| {
                    let more = end.goes_on()
                        && self.patiently(observer, || self.part_left(&of_part, part))?;
                    Ok((end, more.then_some(next)))
                });
            match walked {
                Ok((_, Some(next))) => size = next,
                Ok((end, None)) => {
                    self.release(work.tenant, work.job, Some(part.lease), observer);
                    return Ok(end);
                }
                Err(problem) => {
                    let (tenant, job, lease) = (work.tenant, work.job, Some(part.lease));
                    return Err(self.let_go(tenant, job, lease, problem, observer));
                }
            }
        }
    }

    fn part_left(&self, work: &Work<'_>, part: &Part) -> Result<bool, Problem> {
        self.store.read(|reader| {
            let found = reader.part(work.tenant, work.job, part.lease.part)?;
            Ok(found.is_some_and(|it| !it.done))
        })
    }
}
