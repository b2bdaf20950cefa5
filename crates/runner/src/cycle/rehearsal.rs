//! What a full cycle would do, decided and not carried out. The parts of the read are taken one by one
//! under leases, as in a cycle, so several nodes can share a rehearsal; nothing is written but these
//! leases.
//!
//! INVARIANT: the parts of a rehearsal are never those of a cycle. There is no rehearsal while a
//! cycle is in progress, and a cycle that begins puts parts of its own in their place: whoever
//! rehearses then is refused at its next page.

use std::collections::BTreeMap;

use syncline_engine::Subject;
use syncline_model::job::{Counts, CyclePhase};
use syncline_model::{CycleId, Job, JobId, Problem, TenantId};
use syncline_store::Part;

use super::Work;
use super::prepared::Place;
use crate::observer::Silent;
use crate::settle::{self, Ledger};
use crate::unavailable::unavailable;
use crate::view::View;
use crate::{Runner, Signal};

/// What one node has decided in a rehearsal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rehearsed {
    /// Objects of the source that were read.
    pub read: u64,
    /// What a cycle would count for them, but for references and removals that it would hold back.
    pub counts: Counts,
    /// The skipped ones of these, by reason.
    pub skipped_by_reason: BTreeMap<String, u64>,
}

impl Runner {
    /// Cuts a full read of a job's source into parts for [`Runner::rehearse`], in place of those of an
    /// earlier rehearsal. Returns how many.
    ///
    /// # Errors
    /// A conflict while a cycle of the job is in progress; what the configuration can not be opened
    /// for.
    pub fn begin_rehearsal(&self, tenant: TenantId, job: &JobId) -> Result<usize, Problem> {
        self.store.write(|tx| {
            tx.enter(&[tenant])?;
            let found = tx.known_job(tenant, job)?;
            refuse_running(&found)?;
            let configuration = self.configuration(tx, &found)?;
            let source = &configuration.connected.source;
            let parts = source
                .split(tx, &configuration.kinds(), self.page_sizes.part)
                .map_err(unavailable)?;
            let mut parts: Vec<(String, String)> = parts
                .into_iter()
                .map(|(from, last)| (from.0, last.0))
                .collect();
            if parts.is_empty() {
                // Too small to be cut: one part from the start to the end.
                parts.push((String::new(), String::new()));
            }
            tx.put_parts(tenant, job, &parts)?;
            Ok(parts.len())
        })
    }

    /// Reads and decides parts until there is none that nobody has; everything on the caller's
    /// thread. Says what this node has decided: the sum over all nodes is the whole.
    ///
    /// # Errors
    /// A conflict when a cycle of the job begins meanwhile.
    pub fn rehearse(&self, tenant: TenantId, job: &JobId) -> Result<Rehearsed, Problem> {
        let (mut read, mut ledger) = (0, Ledger::default());
        while let Some(part) = self.patiently(&Silent, || self.take_rehearsed_part(tenant, job))? {
            let work = Work {
                part: Some(part.lease.part),
                part_lease: Some(part.lease),
                ..Work::whole(tenant, job, None)
            };
            match self.rehearse_part(&work, &part, &mut read, &mut ledger) {
                // Another node has it and counts what is left of it.
                Err(problem) if Signal::PartLeaseLost.is(&problem) => {}
                other => other?,
            }
        }
        Ok(Rehearsed {
            read,
            counts: ledger.counts,
            skipped_by_reason: ledger.skipped_by_reason,
        })
    }

    fn take_rehearsed_part(&self, tenant: TenantId, job: &JobId) -> Result<Option<Part>, Problem> {
        self.store.write(|tx| {
            tx.enter(&[tenant])?;
            let found = tx.known_job(tenant, job)?;
            refuse_running(&found)?;
            let (now, until) = self.lease_term(tx)?;
            Ok(tx.lease_part(tenant, job, self.node.id, now, until)?)
        })
    }

    fn rehearse_part(
        &self,
        work: &Work<'_>,
        part: &Part,
        read: &mut u64,
        ledger: &mut Ledger,
    ) -> Result<(), Problem> {
        let mut from = part.cursor.clone();
        loop {
            let page = self.patiently(&Silent, || {
                let place = |job: &Job| {
                    refuse_running(job)?;
                    Ok(Place {
                        cycle: CycleId::NIL,
                        phase: CyclePhase::Source,
                        changes: None,
                        brings_forward: false,
                    })
                };
                let decide =
                    |view: &View<'_, '_>, _: &Place, subjects: Vec<Subject>| view.decide(&subjects);
                let limit = self.page_sizes.largest;
                self.prepare_at(work, &from, &part.last, limit, place, decide)
            })?;
            let next = page.next.map(|cursor| cursor.0);
            self.patiently(&Silent, || {
                self.store.write(|tx| {
                    tx.enter(&[work.tenant])?;
                    self.confirm(tx, work)?;
                    let cursor = next.as_deref().unwrap_or_default();
                    let done = next.is_none();
                    Ok::<_, Problem>(tx.advance_part(
                        work.tenant,
                        work.job,
                        part.lease.part,
                        cursor,
                        done,
                    )?)
                })
            })?;
            // Counted only once the page is this node's for certain.
            *read += page.subjects.len() as u64;
            for decided in page.decided.iter().flatten() {
                settle::count(&decided.decision, false, ledger);
            }
            match next {
                Some(cursor) => from = cursor,
                None => return Ok(()),
            }
        }
    }
}

fn refuse_running(job: &Job) -> Result<(), Problem> {
    if job.running.is_none() {
        return Ok(());
    }
    Err(Problem::conflict(format!(
        "A cycle of the job {} is in progress. Rehearse when it has ended.",
        job.id
    )))
}
