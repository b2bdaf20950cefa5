//! `POST …/synchronization/jobs/{jobId}/provisionOnDemand`.

use serde_json::json;
use syncline_model::{EntityKind, ObjectId, Problem};
use syncline_runner::OnDemandSubject;
use syncline_store::Tx;

use crate::actions::synchronization::{resolve, wire};
use crate::{Body, Call, Reply};

/// Subjects of one call.
const MOST_SUBJECTS: usize = 5;
/// Members that are named of one group.
const MOST_MEMBERS: usize = 5;

pub fn provision_on_demand(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.body("")?;
    // The printed PowerShell command sends `RuleId` and `Subjects` without `parameters` around them.
    let requests = match body.objects("parameters")? {
        None if body.has("ruleId") || body.has("subjects") => vec![body],
        parameters => {
            body.only(&["parameters"])?;
            parameters
                .filter(|it| !it.is_empty())
                .ok_or_else(|| body.missing("parameters"))?
        }
    };
    // All of a request go together: the limit counts requests, and who is wrong keeps back the others.
    let (mut rules, mut wanted) = (Vec::new(), Vec::new());
    for request in &requests {
        request.only(&["ruleId", "subjects"])?;
        rules.push(request.required_text("ruleId")?);
        wanted.extend(subjects(request)?);
    }
    if !(1..=MOST_SUBJECTS).contains(&wanted.len()) {
        return Err(Problem::bad_request(format!(
            "Send one to {MOST_SUBJECTS} subjects in a request."
        )));
    }
    let (job, configuration) = call.read(|reader| {
        Ok::<_, Problem>((
            resolve::job(call, reader)?,
            resolve::configuration(call, reader)?,
        ))
    })?;
    let runner = &call.api.runner;
    let confirm = |tx: &Tx<'_>| call.confirm(tx).map(drop);
    let done = runner.provision_on_demand_if(call.tenant(), &job.id, &rules, &wanted, confirm)?;
    Ok(Reply::ok(json!({
        "@odata.context": call.context("microsoft.graph.stringKeyStringValuePair"),
        "key": wire::on_demand::KEY,
        "value": wire::on_demand::show(&done, &configuration),
    })))
}

fn subjects(request: &Body) -> Result<Vec<OnDemandSubject>, Problem> {
    let sent = request
        .objects("subjects")?
        .ok_or_else(|| request.missing("subjects"))?;
    if sent.is_empty() {
        return Err(request.missing("subjects"));
    }
    sent.iter()
        .map(|subject| {
            let (kind, id) = object(subject)?;
            Ok(OnDemandSubject {
                kind,
                id,
                members: members(subject)?,
            })
        })
        .collect()
}

fn object(sent: &Body) -> Result<(EntityKind, ObjectId), Problem> {
    let kind = match sent
        .required_text("objectTypeName")?
        .to_ascii_lowercase()
        .as_str()
    {
        "user" => EntityKind::User,
        "group" => EntityKind::Group,
        other => {
            return Err(Problem::bad_request(format!(
                "Objects of type '{other}' cannot be provisioned on demand. Known: User, Group."
            )));
        }
    };
    Ok((kind, ObjectId(sent.required_guid("objectId")?)))
}

/// The members of a group that are provisioned with it.
fn members(subject: &Body) -> Result<Vec<(EntityKind, ObjectId)>, Problem> {
    let Some(links) = subject.object("links")? else {
        return Ok(Vec::new());
    };
    // Clients send the whole type, with what they leave out as null or as a list of nothing.
    for name in ["manager", "owners"] {
        let sent = links.value(name);
        if sent.is_some_and(|it| it.as_array().is_none_or(|list| !list.is_empty())) {
            return Err(Problem::bad_request(format!(
                "links.{name} cannot be provisioned on demand: send that object as a subject of its own. References to it are written by themselves."
            )));
        }
    }
    links.only(&["manager", "members", "owners"])?;
    let members = links.objects("members")?.unwrap_or_default();
    if members.len() > MOST_MEMBERS {
        return Err(Problem::bad_request(format!(
            "Name at most {MOST_MEMBERS} members of a group in a request; the next cycle adds the others."
        )));
    }
    members.iter().map(object).collect()
}
