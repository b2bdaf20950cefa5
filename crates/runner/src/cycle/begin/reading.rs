//! What a cycle that begins reads of its source.

use syncline_model::job::Watermark;
use syncline_model::{Job, Problem};
use syncline_store::Reader;

use crate::Runner;
use crate::configuration::Configuration;
use crate::cycle::cut::Cut;
use crate::cycle::reevaluation::Extent;
use crate::unavailable::unavailable;

pub(super) struct Reading {
    pub(super) extent: Extent,
    /// Changes behind it are left to the next cycle.
    pub(super) until: Watermark,
    /// How many objects are gone through.
    pub(super) total: u64,
    /// Each from where, to where; none where the source is read as a whole.
    pub(super) parts: Vec<(String, String)>,
}

impl Reading {
    /// By a configuration that can not be opened: the first page fails, and says why.
    pub(super) fn of_none(job: &Job) -> Self {
        let is_read_through =
            job.evaluated_generation == job.configuration_generation && job.watermark.is_some();
        Self {
            extent: if is_read_through {
                Extent::Changes
            } else {
                Extent::Everything
            },
            until: Watermark {
                sequence: 0,
                token: None,
            },
            total: 0,
            parts: Vec::new(),
        }
    }

    pub(super) fn is_full(&self) -> bool {
        matches!(self.extent, Extent::Everything)
    }
}

impl Runner {
    /// `by_clock`: also those for whom a mapping reads the clock; `cut`: as it was worked out before.
    pub(super) fn reading(
        &self,
        reader: &Reader<'_>,
        job: &Job,
        configuration: &Configuration,
        by_clock: bool,
        cut: Option<&Cut>,
    ) -> Result<Reading, Problem> {
        let extent = self.extent(reader, job, configuration, by_clock)?;
        let source = &configuration.connected.source;
        let kinds = configuration.kinds();
        let until = source.watermark(reader).map_err(unavailable)?;
        let is_full = matches!(extent, Extent::Everything);
        let total = match &job.watermark {
            Some(since) if !is_full => {
                let changes = source.count_changes(reader, &kinds, since, &until);
                changes.map_err(unavailable)?
                    + self.to_go_through(reader, job, configuration, &extent)?
            }
            _ => source.count(reader, &kinds).map_err(unavailable)?,
        };
        let parts = match cut {
            _ if !is_full => Vec::new(),
            Some(cut) if cut.is_for(job, configuration) => cut.parts.clone(),
            _ => self.cut(reader, job, configuration)?.parts,
        };
        Ok(Reading {
            extent,
            until,
            total,
            parts,
        })
    }
}
