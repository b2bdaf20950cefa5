//! Whether the program gives another meaning to stored schemas than the one that a job's objects were decided by.
//!
//! Noted by cycles that begin, with a new generation of the configuration whose predecessors nobody remembers: so everybody is
//! evaluated, and what a cycle removes is staged and counted, as after any other change that cannot be compared: whoever let
//! removals through before has seen those of the other meaning. A version that knows nothing of the number loses it whenever
//! it writes a job, and what it decided is evaluated again.

use syncline_engine::SEMANTICS;
use syncline_model::{Job, Timestamp};

/// Whether the next cycle evaluates everybody because of it.
pub(crate) fn changed(job: &Job) -> bool {
    job.watermark.is_some() && job.semantics != SEMANTICS
}

/// Notes the meaning of now, for a cycle that begins. What a cycle in progress has decided is not known to have it. Where
/// that is a scheduled cycle's to mend, it is due now: a job in continuous mode follows nothing until then.
pub(crate) fn note(job: &mut Job, now: Timestamp) {
    if changed(job) {
        job.configured_anew();
        job.next_due = job.next_due.map(|due| due.min(now));
    }
    if job.semantics != SEMANTICS {
        // Also where everybody is evaluated anyway.
        job.force_deletes = false;
    }
    job.semantics = SEMANTICS;
}
