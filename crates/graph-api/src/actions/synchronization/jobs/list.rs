//! `GET …/synchronization/jobs`; `$filter=templateId eq '…'`.

use serde_json::Value as Json;
use syncline_model::{Job, Problem};

use super::selected;
use crate::actions::synchronization::resolve;
use crate::wire::collection::Collection;
use crate::{Call, Reply};

pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let (id, jobs) = all(call)?;
    let count = call.query.texts.count.then_some(jobs.len() as u64);
    let items = jobs
        .iter()
        .map(|job| Json::Object(selected(call, job)))
        .collect();
    let context = format!("servicePrincipals('{id}')/synchronization/jobs");
    Ok(Collection::new(call, &context, items).count(count).reply())
}

pub(super) fn all(call: &Call<'_>) -> Result<(syncline_model::ObjectId, Vec<Job>), Problem> {
    let (id, mut jobs) = call.read(|reader| {
        let id = resolve::configuration(call, reader)?.service_principal;
        Ok((id, reader.jobs_of_service_principal(call.tenant(), id)?))
    })?;
    if let Some(filter) = &call.query.texts.filter {
        let template = filter
            .trim()
            .split_once(char::is_whitespace)
            .filter(|(property, _)| property.eq_ignore_ascii_case("templateId"))
            .and_then(|(_, rest)| rest.trim().strip_prefix("eq "))
            .map(|value| value.trim().trim_matches('\'').to_owned())
            .ok_or_else(|| {
                Problem::unsupported_query(format!(
                    "The filter '{filter}' is not supported here. Supported: templateId eq '…'."
                ))
            })?;
        jobs.retain(|job| job.template == template);
    }
    Ok((id, jobs))
}
