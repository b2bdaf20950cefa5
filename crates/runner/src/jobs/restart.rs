//! `POST …/jobs/{id}/restart`.

use syncline_model::job::ScheduleState;
use syncline_model::{Job, JobId, Problem, TenantId};

use crate::Runner;

/// `synchronizationJobRestartScope`: what a restart forgets. Names as Graph has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResetScope {
    /// Break all links; they are found again by matching.
    pub connector_data_store: bool,
    pub escrows: bool,
    pub watermark: bool,
    pub quarantine_state: bool,
    /// Let held deletes through in the next cycle.
    pub force_deletes: bool,
}

impl ResetScope {
    /// What the portal's Restart button does.
    pub const DEFAULT: Self = Self {
        connector_data_store: false,
        escrows: true,
        watermark: true,
        quarantine_state: true,
        force_deletes: false,
    };

    /// Reads comma-separated names, in any case, with or without spaces. `None` names the unknown
    /// word; empty text is [`ResetScope::DEFAULT`].
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Ok(Self::DEFAULT);
        }
        let mut scope = Self::default();
        for word in text.split(',').map(str::trim) {
            match word.to_ascii_lowercase().as_str() {
                "none" => {}
                "connectordatastore" => scope.connector_data_store = true,
                "escrows" => scope.escrows = true,
                "watermark" => scope.watermark = true,
                "quarantinestate" => scope.quarantine_state = true,
                "forcedeletes" => scope.force_deletes = true,
                "full" => {
                    scope.connector_data_store = true;
                    scope.escrows = true;
                    scope.watermark = true;
                    scope.quarantine_state = true;
                }
                _ => return Err(word.to_owned()),
            }
        }
        Ok(scope)
    }
}

impl Runner {
    /// Forgets what `scope` says and makes the next cycle due. Nothing is lost: a full read also
    /// looks for linked objects that the source no longer has.
    pub fn restart(
        &self,
        tenant: TenantId,
        job: &JobId,
        scope: ResetScope,
    ) -> Result<Job, Problem> {
        self.store.write(|tx| {
            let now = self.clock.now();
            let mut job = tx
                .job(tenant, job)?
                .ok_or_else(|| Problem::not_found(job))?;
            if scope.connector_data_store {
                tx.delete_all_links(tenant, &job.id)?;
                tx.delete_all_waiting(tenant, &job.id)?;
                tx.delete_all_memberships_due(tenant, &job.id)?;
                job.references_waiting = 0;
                job.status.synchronized_entries.clear();
            }
            if scope.escrows {
                tx.reset_escrows(tenant, &job.id, now)?;
            }
            if scope.watermark || scope.connector_data_store {
                job.watermark = None;
                job.running = None;
            }
            if scope.quarantine_state {
                job.status.quarantine = None;
                job.status.count_successive_complete_failures = 0;
            }
            job.force_deletes |= scope.force_deletes;
            job.state = ScheduleState::Active;
            job.started_at.get_or_insert(now);
            job.pause_requested = false;
            job.next_due = Some(now);
            tx.update_job(&job)?;
            Ok(job)
        })
    }
}
