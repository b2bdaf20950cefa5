//! `POST …/synchronization/jobs`.

use syncline_model::Problem;

use super::changes::Changes;
use super::entity;
use crate::actions::synchronization::resolve;
use crate::{Call, Reply};

pub fn create(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.body("synchronizationJob")?;
    let changes = Changes::read(&body)?;
    let template = body.required_text("templateId")?;
    let configuration = call.read(|reader| resolve::configuration(call, reader))?;
    let runner = &call.api.runner;
    let (service_principal, app_id) = (configuration.service_principal, configuration.app_id);
    let mut job = runner.new_job(call.tenant(), service_principal, app_id, template)?;
    changes.apply(&mut job, call.now)?;
    let job = runner.insert_job(&job)?;
    Ok(Reply::created(entity(call, service_principal, &job)))
}
