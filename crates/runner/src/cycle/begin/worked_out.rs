//! What a beginning works out before it writes, so that no writer waits for it.

use syncline_model::Problem;

use crate::Runner;
use crate::configuration::{known_extensions, semantics};
use crate::cycle::Work;
use crate::cycle::counted::is_permitted;
use crate::cycle::cut::Cut;
use crate::cycle::reevaluation::Extent;

/// As far as it could be found out: what went wrong is met again by whoever writes, and told there.
#[derive(Default)]
pub(super) struct WorkedOut {
    /// Whether the target lets the job in: who is not let in does not enter it.
    pub(super) let_in: bool,
    /// Where a full read is cut into parts, if it is.
    pub(super) cut: Option<Cut>,
    /// Whether the cycle that is gone on with, and has no removals counted yet, lets them through no more: nobody is to be
    /// told that it does, nor is anything to go by it.
    pub(super) permission_has_ended: bool,
}

impl Runner {
    /// Comparing configurations compiles them, and a source is cut by counting it off: worked out here, both are known
    /// in the transaction. Nor does the target wait: whoever begins a cycle writes nothing there.
    pub(super) fn work_out(&self, work: &Work<'_>) -> WorkedOut {
        let (tenant, job_id) = (work.tenant, work.job);
        let worked_out = self.store.read(|reader| {
            let mut job = reader.known_job(tenant, job_id)?;
            let gone_on_with = job.to_go_on().cloned();
            if gone_on_with.is_none() {
                semantics::note(&mut job, self.clock.now());
            }
            let configuration = self.configuration(reader, &job)?;
            let permission_has_ended = match &gone_on_with {
                // Those that are being let through were counted before it ended.
                Some(cycle) if cycle.force_deletes && cycle.is_before_removals() => {
                    !is_permitted(reader, &job, cycle, &configuration)?
                }
                _ => false,
            };
            // What is cut is a full read, whatever the time. Nothing is compared for the time that has passed.
            let extent = self.extent(reader, &job, &configuration, false);
            let cut = match extent {
                Ok(Extent::Everything) if Cut::is_wanted(&job) => {
                    self.cut(reader, &job, &configuration).ok()
                }
                _ => None,
            };
            let let_in = known_extensions::let_in(reader, &configuration);
            Ok::<_, Problem>(WorkedOut {
                let_in,
                cut,
                permission_has_ended,
            })
        });
        worked_out.unwrap_or_default()
    }
}
