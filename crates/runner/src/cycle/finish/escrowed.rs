//! What is in escrow when a cycle ends.

use syncline_engine::Failure;
use syncline_model::job::{CycleState, RunningCycle};
use syncline_model::{Problem, Timestamp};
use syncline_store::Escrow;

use crate::Runner;
use crate::cycle::Work;

/// Few enough that the lease is confirmed long before its end.
const ESCROWS_AT_ONCE: usize = 5_000;

/// What is in escrow when a cycle ends, but for what waits until the target lets its kind in.
#[derive(Default)]
pub(super) struct Escrowed {
    /// How many are tried again.
    pub(super) waiting: u64,
    /// How many have no live link, those that were given up among them.
    pub(super) unlinked: u64,
    /// Somebody failed beside the cycle, although its counts say that nobody did.
    pub(super) left_behind: bool,
}

impl Runner {
    /// Goes through all of them, which no writer of the tenant is to wait for. Whoever fails beside the cycle from here
    /// on fails as if behind it.
    pub(super) fn escrowed(&self, work: &Work<'_>, state: CycleState) -> Result<Escrowed, Problem> {
        let (tenant, job_id) = (work.tenant, work.job);
        let (cycle, mut escrowed) = self.store.read(|reader| {
            // What is wrong with either is met in the transaction again, and told.
            let job = reader.job(tenant, job_id)?;
            let cycle = job.and_then(|it| it.running);
            if cycle.is_none() || !reader.any_escrow(tenant, job_id)? {
                return Ok((None, Escrowed::default()));
            }
            let escrowed = Escrowed {
                waiting: reader.count_escrows_to_try(tenant, job_id)?,
                unlinked: reader.count_unlinked_escrows(tenant, job_id)?,
                left_behind: false,
            };
            Ok::<_, Problem>((cycle, escrowed))
        })?;
        if let Some(cycle) = cycle
            && state == CycleState::Succeeded
        {
            escrowed.left_behind = self.left_behind(work, &cycle)?;
        }
        Ok(escrowed)
    }

    /// Whether somebody waits who failed since the cycle began, although its counts say that nobody does:
    /// of those who were tried once more behind the removals, some may have failed on demand, beside the
    /// cycle, and were taken off its counts for others.
    fn left_behind(&self, work: &Work<'_>, cycle: &RunningCycle) -> Result<bool, Problem> {
        let (tenant, job, began) = (work.tenant, work.job, cycle.began);
        if cycle.removals() == 0 {
            return Ok(false);
        }
        let mut after = None;
        loop {
            let rows = self
                .store
                .read(|reader| reader.escrows_since(tenant, job, began, after, ESCROWS_AT_ONCE))?;
            // The next attempt of what is transient stands at its last failure; of the others it is ahead. What failed
            // by a clock that was ahead has not failed since, nor has what somebody has had tried anew.
            let now = self.clock.now();
            let is_since = |at: Timestamp| at >= began && !at.is_told_too_early(now);
            let since = |row: &Escrow| {
                let is_late = is_since(row.next_attempt) && is_transient(&row.failure);
                row.attempts > 0 && (is_since(row.first_failed) || is_late)
            };
            if rows.iter().any(since) {
                return Ok(true);
            }
            if rows.len() < ESCROWS_AT_ONCE {
                return Ok(false);
            }
            after = rows.last().map(|it| it.source);
            // Reading keeps no lease, and another node that takes over would begin to read as well.
            if work.lease.is_some() {
                self.store.write(|tx| {
                    tx.enter(&[tenant])?;
                    self.confirm(tx, work)
                })?;
            }
        }
    }
}

fn is_transient(failure: &str) -> bool {
    Failure::from_stored(failure).is_some_and(|it| it.transient)
}
