//! `GET …/synchronization/jobs`; `$filter=templateId eq '…'`, `$expand=schema`.

use serde_json::Value as Json;
use syncline_model::{Job, ObjectId, Problem};
use syncline_store::Reader;

use super::show;
use crate::actions::synchronization::options::{Shown, equality};
use crate::actions::synchronization::resolve;
use crate::wire::collection::Collection;
use crate::{Call, Reply};

pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let shown = Shown::many(call, &super::RESOURCE)?;
    call.read(|reader| {
        let (id, jobs) = all(call, reader)?;
        let count = call.query.texts.count.then_some(jobs.len() as u64);
        let items = jobs
            .iter()
            .map(|job| Ok(Json::Object(show(call, reader, job, &shown)?)))
            .collect::<Result<_, Problem>>()?;
        let context = format!("servicePrincipals('{id}')/synchronization/jobs");
        Ok(Collection::new(call, &context, items).count(count).reply())
    })
}

pub(super) fn all(call: &Call<'_>, reader: &Reader<'_>) -> Result<(ObjectId, Vec<Job>), Problem> {
    let id = resolve::configuration(call, reader)?.service_principal;
    let mut jobs = reader.jobs_of_service_principal(call.tenant(), id)?;
    if let Some(filter) = &call.query.texts.filter {
        let (_, template) = equality(filter, &["templateId"])?;
        jobs.retain(|job| job.template == template);
    }
    Ok((id, jobs))
}
