//! Mappings that go by the clock: `IIF(CDate([employeeLeaveDateTime]) <= Now(), …)`. Time makes decisions outdated that were made
//! by them, and no change of the source tells of it. So a scheduled cycle evaluates those for whom one reads the clock, once
//! an hour at most, beside whom changes concern ([`syncline_engine::impact`]). A cycle in between leaves that to the scheduled ones.

use syncline_engine::impact::go_by_clock;
use syncline_model::job::CLOCK_SECONDS;
use syncline_model::{Job, Timestamp};

use super::Configuration;

/// Whether a cycle that begins now evaluates them. Where a clock was far ahead, they were evaluated by what is still to come.
pub(crate) fn is_owed(job: &Job, configuration: &Configuration, now: Timestamp) -> bool {
    let is_recent = |at: Timestamp| {
        now < at.plus_seconds(CLOCK_SECONDS) && at < now.plus_seconds(CLOCK_SECONDS)
    };
    !job.clock_read_at.is_some_and(is_recent) && go_by_clock(&configuration.rules)
}

/// Whether a cycle that begins does so: a full read evaluates everybody. Forgets the last one where no mapping goes by the
/// clock any more.
pub(crate) fn begin(job: &mut Job, configuration: &Configuration, full: bool, owed: bool) -> bool {
    let goes = go_by_clock(&configuration.rules);
    job.clock_read_at = job.clock_read_at.filter(|_| goes);
    goes && (full || owed)
}
