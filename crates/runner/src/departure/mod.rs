//! A tenant that is deleted, by the operator of the installation. It is gone at once and as a whole, on every node: nobody
//! signs in to it, no token of it is good, no job of it runs. What there was of it is removed slice by slice, by whoever
//! asks for that, and somebody else goes on where one was interrupted.
//!
//! What other tenants have that came from it, or leads to it, is theirs and stays: people whom it synchronized, partners,
//! and configurations that lead into it, whose cycles fail as those of any configuration without a target.

mod losses;

use std::collections::BTreeSet;

use syncline_model::job::ScheduleState;
use syncline_model::{JobId, Problem, TenantId};
use syncline_store::{Reader, StoreError};

use crate::Runner;
use crate::beside::jobs_towards;

pub use losses::Losses;

/// Rows that go in one transaction: others write in between.
const AT_ONCE: u64 = 5_000;

/// Of the jobs that are in the way so many are named.
const NAMED: usize = 5;

impl Runner {
    /// Lets a tenant be gone. Its rows are there until [`Runner::remove_left_of_tenant`].
    ///
    /// # Errors
    /// When a job of it, or of another tenant into it, may run: its cycle would be in the midst of something.
    pub fn let_tenant_leave(&self, tenant: TenantId) -> Result<(), Problem> {
        // One that another tenant points here by now fails at its next page, and has done nothing wrong until then.
        let into = self.store.read(|reader| jobs_into(reader, tenant))?;
        let jobs = self.store.write(|tx| {
            let sources: BTreeSet<TenantId> = into.iter().map(|(source, _)| *source).collect();
            let all: Vec<TenantId> = sources.into_iter().chain([tenant]).collect();
            tx.enter(&all)?;
            let own = tx.jobs_of_tenant(tenant)?;
            let own = own.into_iter().map(|(job, _)| (tenant, job));
            let mut in_the_way = Vec::new();
            for (of, job) in own.chain(into.iter().cloned()) {
                in_the_way.extend(self.why_in_the_way(tx, of, &job)?);
            }
            if !in_the_way.is_empty() {
                return Err(refusal(&in_the_way));
            }
            Ok(tx.let_tenant_leave(tenant)?)
        })?;
        self.forget(&jobs);
        Ok(())
    }

    /// Removes what there is of a tenant that was let go, and then its last trace but for its id, which no other gets.
    /// `goes_on` is told after each slice how many rows are removed, and may end it there: false then.
    pub fn remove_left_of_tenant(
        &self,
        tenant: TenantId,
        mut goes_on: impl FnMut(u64) -> bool,
    ) -> Result<bool, Problem> {
        let mut removed = 0;
        loop {
            let swept = self
                .store
                .write(|tx| tx.sweep_leaving_tenant(tenant, AT_ONCE))?;
            removed += swept.removed;
            if !goes_on(removed) {
                return Ok(false);
            }
            // Somebody else may have been at it, too.
            let is_over = !swept.more
                && (self.store.write(|tx| tx.forget_leaving_tenant(tenant))?
                    || self
                        .store
                        .read(|reader| reader.leaving_tenant(tenant))?
                        .is_none());
            if is_over {
                return Ok(true);
            }
        }
    }

    /// Why a job keeps its tenant, or its target, from being deleted; in words. One whose row can not be read runs no cycles.
    fn why_in_the_way(
        &self,
        reader: &Reader<'_>,
        tenant: TenantId,
        job: &JobId,
    ) -> Result<Option<String>, Problem> {
        let job = match reader.job(tenant, job) {
            Err(StoreError::Damaged(_)) => None,
            job => job?,
        };
        let Some(job) = job else { return Ok(None) };
        let id = &job.id;
        let may_run = job.started_at.is_some() && job.state == ScheduleState::Active;
        Ok(if may_run {
            Some(format!("`syncline jobs pause --job {id}`"))
        } else if self.is_worked_on(reader, &job)? {
            Some(format!("{id} is paused, and its cycle stops in a moment"))
        } else {
            None
        })
    }
}

/// The jobs of other tenants that lead into this one.
pub(crate) fn jobs_into(
    reader: &Reader<'_>,
    tenant: TenantId,
) -> Result<Vec<(TenantId, JobId)>, Problem> {
    let mut jobs = Vec::new();
    for source in reader.tenant_ids()? {
        if source != tenant {
            let towards = jobs_towards(reader, source, tenant)?;
            jobs.extend(towards.into_iter().map(|(job, _)| (source, job)));
        }
    }
    Ok(jobs)
}

fn refusal(in_the_way: &[String]) -> Problem {
    let named: Vec<&str> = in_the_way.iter().take(NAMED).map(String::as_str).collect();
    let more = match in_the_way.len() - named.len() {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    Problem::conflict(format!(
        "nothing was deleted: jobs that lead out of the tenant or into it are not paused. Pause them first: {}{more}",
        named.join("; ")
    ))
}
