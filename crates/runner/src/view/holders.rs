//! Other jobs that have a target object: whether they will go on to keep it in step, so that whoever leaves this job can be left
//! to them. A link alone says nothing of that: whoever would be handed over to a job that does nothing for him would stay in the
//! target for good.

use std::collections::HashMap;

use syncline_model::{EntityKind, JobId, Problem};

use super::View;
use crate::configuration::secrets::Secrets;
use crate::memberships::RulesOfJobs;

/// What is known of other jobs; each is asked about once.
#[derive(Default)]
pub(super) struct Holders {
    /// Whether they may lead into this job's target.
    lead_here: HashMap<JobId, bool>,
    rules: RulesOfJobs,
}

impl Holders {
    /// Whether a job goes on with objects of this kind in this job's target. One of which that can not be told, because
    /// something of it can not be read, may once that is mended: nothing is deleted under it.
    pub(super) fn keeps(
        &mut self,
        view: &View<'_, '_>,
        job: &JobId,
        kind: EntityKind,
    ) -> Result<bool, Problem> {
        if !self.lead_here.contains_key(job) {
            let may = may_lead_here(view, job)?;
            self.lead_here.insert(job.clone(), may);
        }
        let leads_here = self.lead_here.get(job).is_some_and(|may| *may);
        Ok(leads_here && self.rules.look_at(view, job, kind)?)
    }
}

fn may_lead_here(view: &View<'_, '_>, job: &JobId) -> Result<bool, Problem> {
    // Of another target nobody can tell who has the same.
    let is_told = view.configuration.connected.target.hosted().is_some();
    if !is_told || view.jobs_beside()?.contains(job) {
        return Ok(true);
    }
    let others = view.reader.other_jobs(view.tenant, view.job)?;
    let Some((_, of)) = others.iter().find(|(other, _)| other == job) else {
        return Ok(false);
    };
    // Jobs beside this one are those whose secrets can be read and say so.
    let secrets = Secrets::readable(view.reader, view.tenant, *of)?;
    Ok(secrets.is_none())
}
