//! What a node works on, and by which right.

use parking_lot::Mutex;
use syncline_model::{Job, JobId, Problem, TenantId};
use syncline_store::{Lease, Reader};

use super::held_and_gone::HeldAndGone;
use super::page::deleted;
use crate::threads::discarded::Discarded;
use crate::view::Drafter;

/// Whose cycle it is, and by which right this node works on it.
#[derive(Clone, Copy)]
pub(super) struct Work<'w> {
    pub(super) tenant: TenantId,
    pub(super) job: &'w JobId,
    /// The job's lease, of the node that leads; `None` for helpers and where there is one process.
    pub(super) lease: Option<Lease>,
    /// The part of the full read that is worked on.
    pub(super) part: Option<u32>,
    /// The lease of that part.
    pub(super) part_lease: Option<Lease>,
    /// What was read, before the first page, of those whose removal is held.
    pub(super) held: Option<&'w Mutex<HeldAndGone>>,
    /// Where to leave what is not needed any more.
    pub(super) discarded: Option<&'w Discarded>,
    /// Who works out what is decided ahead.
    pub(super) drafter: Option<&'w Drafter<'w>>,
    /// See [`super::slow_page`].
    pub(super) may_stand_still: bool,
}

impl<'w> Work<'w> {
    /// A whole job, by the lease of whoever leads.
    pub(super) fn whole(tenant: TenantId, job: &'w JobId, lease: Option<Lease>) -> Self {
        Self {
            tenant,
            job,
            lease,
            part: None,
            part_lease: None,
            held: None,
            discarded: None,
            drafter: None,
            may_stand_still: false,
        }
    }

    /// The job as it is now.
    ///
    /// # Errors
    /// [`deleted`] when it is no more.
    pub(super) fn job_row(&self, reader: &Reader<'_>) -> Result<Job, Problem> {
        reader
            .job(self.tenant, self.job)?
            .ok_or_else(|| deleted(self.job))
    }
}
