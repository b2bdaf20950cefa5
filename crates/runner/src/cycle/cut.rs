//! Where a full read is cut into parts.

use syncline_model::job::ScheduleState;
use syncline_model::{EntityKind, Job, Problem};
use syncline_store::Reader;

use crate::Runner;
use crate::configuration::Configuration;
use crate::unavailable::unavailable;

/// The parts of a job's source. The first of a kind begins with it and the last ends with it, so that they have every
/// object, also one that came after they were cut.
pub(super) struct Cut {
    generation: u64,
    kinds: Vec<EntityKind>,
    /// From where, to where; none where the source is read as a whole.
    pub(super) parts: Vec<(String, String)>,
}

impl Cut {
    /// Whether a cycle of the job would begin anew: one that goes on has its parts.
    pub(super) fn is_wanted(job: &Job) -> bool {
        let goes_on = job
            .running
            .as_ref()
            .is_some_and(|cycle| cycle.configuration_generation == job.configuration_generation);
        job.state == ScheduleState::Active && !goes_on
    }

    /// Whether it is of the job as it is configured now.
    pub(super) fn is_for(&self, job: &Job, configuration: &Configuration) -> bool {
        self.generation == job.configuration_generation && self.kinds == configuration.kinds()
    }
}

impl Runner {
    /// Counts the source off, wherever other nodes may help to read it.
    pub(super) fn cut(
        &self,
        reader: &Reader<'_>,
        job: &Job,
        configuration: &Configuration,
    ) -> Result<Cut, Problem> {
        let source = &configuration.connected.source;
        let kinds = configuration.kinds();
        let size = self.page_sizes.part;
        let is_cut = reader.lease_is_needed()
            && source.count(reader, &kinds).map_err(unavailable)? > size as u64;
        let parts = if is_cut {
            source.split(reader, &kinds, size).map_err(unavailable)?
        } else {
            Vec::new()
        };
        let parts = parts.into_iter().map(|(from, last)| (from.0, last.0));
        Ok(Cut {
            generation: job.configuration_generation,
            kinds,
            parts: parts.collect(),
        })
    }
}
