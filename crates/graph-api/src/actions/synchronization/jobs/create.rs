//! `POST …/synchronization/jobs`.

use syncline_access::permissions::SYNC_JOB_UPDATE;
use syncline_model::Problem;

use super::changes::Changes;
use super::entity;
use crate::actions::synchronization::options::{Resource, Shown};
use crate::actions::synchronization::{resolve, wire};
use crate::{Call, Reply};

/// Nothing is expanded in the answer: what can not be shown must be known before there is a job.
const MADE: Resource = Resource {
    expandable: &[],
    ..super::RESOURCE
};

pub fn create(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.body("synchronizationJob")?;
    let shown = Shown::one(call, &MADE)?;
    let changes = Changes::read(&body)?;
    let template = body.required_text("templateId")?;
    let runner = &call.api.runner;
    // Found where the job is stored: of a service principal that goes in between, a job would stay that nobody
    // reaches, and its id would be taken.
    call.write(|tx, _| {
        let configuration = resolve::own_configuration(call, tx)?;
        let (service_principal, app_id) = (configuration.service_principal, configuration.app_id);
        let mut job = runner.new_job(call.tenant(), service_principal, app_id, template)?;
        let (interval, settings) = (job.interval_seconds, job.settings.clone());
        changes.apply(&mut job, call.now)?;
        // Who may not change them afterwards may not set them here either.
        if job.interval_seconds != interval || job.settings != settings {
            call.authorize(&SYNC_JOB_UPDATE)?;
        }
        shown.apply(&mut wire::job::show(&job, call.now))?;
        let job = runner.insert_job_in(tx, &job)?;
        Ok(Reply::created(entity(call, tx, &job, &shown)?))
    })
}
