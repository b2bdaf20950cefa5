//! What pages have done, added up: in the cycle, and in the job.

use syncline_model::Job;
use syncline_model::job::RunningCycle;

use crate::settle::Ledger;

/// Counts of one cycle.
pub(super) fn add(cycle: &mut RunningCycle, ledger: &Ledger) {
    let (sum, more) = (&mut cycle.counts, &ledger.counts);
    sum.created += more.created;
    sum.updated += more.updated;
    sum.disabled += more.disabled;
    sum.deleted += more.deleted;
    sum.restored += more.restored;
    sum.skipped += more.skipped;
    sum.escrowed += more.escrowed;
    sum.staged += more.staged;
    sum.unchanged += more.unchanged;
    sum.references_set += more.references_set;
    sum.references_removed += more.references_removed;
    cycle.removed += ledger.removed;
    cycle.entitled += ledger.entitled;
    cycle.references_failed += ledger.references_failed;
    cycle.awaiting_consent += ledger.awaiting_consent;
    for (reason, count) in &ledger.skipped_by_reason {
        *cycle.skipped_by_reason.entry(reason.clone()).or_default() += count;
    }
}

/// Numbers that belong to the job, not to one cycle.
pub(crate) fn apply_ledger(job: &mut Job, ledger: &Ledger) {
    job.references_waiting = job.references_waiting.saturating_add_signed(ledger.waiting);
    for (key, change) in &ledger.entries {
        let count = job
            .status
            .synchronized_entries
            .entry(key.clone())
            .or_default();
        *count = count.saturating_add_signed(*change);
    }
}
