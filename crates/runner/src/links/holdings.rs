//! What the jobs of a tenant do with what they have linked in one target.

use syncline_model::{EntityKind, Job, Problem, TenantId};
use syncline_store::Reader;

use crate::Runner;
use crate::admission::Obstacle;

/// One job.
#[derive(Clone, Debug)]
pub(super) struct Holding {
    /// It is the one whose target is asked about.
    pub(super) is_asked: bool,
    /// Whether it works on this target: it may have been pointed at another one since.
    pub(super) is_here: bool,
    /// It was never started, is paused, disabled, in quarantine, or can not work as it is configured.
    pub(super) stands_still: bool,
    /// Whether it holds any removals, and whether anything fails.
    pub(super) holds_removals: bool,
    pub(super) has_escrows: bool,
    /// The kinds of source objects that its schema maps, and has switched on; `None` where that can not be told.
    kinds: Option<Vec<EntityKind>>,
}

impl Runner {
    /// Of a job, as seen from this hosted target; `None`: from one that is not told apart from others.
    pub(super) fn holding(
        &self,
        reader: &Reader<'_>,
        job: &Job,
        is_asked: bool,
        target: Option<TenantId>,
    ) -> Result<Holding, Problem> {
        let mut obstacles = Obstacle::of_schedule(job);
        let opened = self.opened(reader, job, &mut obstacles)?;
        let its = opened.as_ref().map(|it| it.target.hosted());
        // Of one that can not be opened nothing is known but what it has linked here.
        let is_here = is_asked || its.is_none_or(|its| its.is_some() && its == target);
        let mut kinds = None;
        if let Some(connected) = &opened
            && is_here
            && self.permitted(reader, connected, &mut obstacles)?
        {
            let configuration = self.configuration_or_why(reader, job, &mut obstacles)?;
            kinds = configuration.map(|it| it.kinds());
        }
        Ok(Holding {
            is_asked,
            is_here,
            stands_still: !obstacles.is_empty(),
            holds_removals: !reader.staged(job.tenant, &job.id, None, 1)?.is_empty(),
            has_escrows: reader.any_escrow(job.tenant, &job.id)?,
            kinds,
        })
    }
}

impl Holding {
    /// Whether objects of this kind are none of the job's business.
    pub(super) fn leaves_out(&self, kind: EntityKind) -> bool {
        let kinds = self.kinds.as_ref();
        kinds.is_some_and(|it| !it.contains(&kind))
    }
}
