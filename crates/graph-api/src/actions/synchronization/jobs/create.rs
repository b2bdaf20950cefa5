//! `POST …/synchronization/jobs`.

use syncline_model::Problem;

use super::entity;
use crate::actions::synchronization::resolve;
use crate::{Call, Reply};

pub fn create(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.body("synchronizationJob")?;
    body.only(super::PROPERTIES)?;
    let template = body.required_text("templateId")?;
    let configuration = call.read(|reader| resolve::configuration(call, reader))?;
    let job = call.api.runner.create_job(
        call.tenant(),
        configuration.service_principal,
        configuration.app_id,
        template,
    )?;
    Ok(Reply::created(entity(
        call,
        configuration.service_principal,
        &job,
    )))
}
