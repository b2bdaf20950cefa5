//! `GET /auditLogs/provisioning/{id}`.

use serde_json::Value as Json;
use syncline_engine::Evidence;
use syncline_model::Problem;

use super::event::{Event, Jobs};
use super::select::Selection;
use super::show::show;
use crate::{Call, Reply};

pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    let id = call.object_id("id")?;
    let selection = Selection::bind(&call.query, call.version)?;
    let mut json = call.read(|reader| {
        let row = reader
            .log_event(call.tenant(), id)?
            .ok_or_else(|| Problem::not_found(id))?;
        let evidence = Evidence::decode(&row.evidence).ok_or_else(|| {
            Problem::internal(format!("provisioning log row {id} cannot be read"))
        })?;
        let mut jobs = Jobs::default();
        let job = jobs.facts(reader, call.tenant(), &row)?;
        let event = Event {
            row: &row,
            evidence: &evidence,
            job,
        };
        Ok::<_, Problem>(selection.apply(show(&event, call.version)))
    })?;
    if let Json::Object(members) = &mut json {
        members.insert(
            "@odata.context".to_owned(),
            call.context(&format!(
                "{}/$entity",
                selection.context("auditLogs/provisioning")
            ))
            .into(),
        );
    }
    Ok(Reply::ok(json))
}
