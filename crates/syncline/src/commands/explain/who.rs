//! Who is meant: by id or by name, in the source or in the target.

use syncline_model::{EntityKind, Job, ObjectId, ProblemKind};
use syncline_store::{ObjectState, Reader};

use crate::app::App;
use crate::commands::logs::Logs;
use crate::commands::logs::walk::Walk;
use crate::failure::Failure;
use crate::named::with_name;

/// The object that is asked about. An id may be that of a target object, which the runner follows.
pub fn find(
    app: &App,
    reader: &Reader<'_>,
    job: &Job,
    kind: EntityKind,
    whom: &str,
) -> Result<ObjectId, Failure> {
    let whom = whom.trim();
    if let Ok(id) = whom.parse::<ObjectId>() {
        return Ok(id);
    }
    let mut found = in_source(reader, job, kind, whom)?;
    if found.is_empty() && kind == EntityKind::User {
        found = app.runner.sources_of_target_user(reader, job, whom)?;
    }
    if found.is_empty() {
        found.extend(in_log(reader, job, kind, whom)?);
    }
    match found.as_slice() {
        [] => Err(unknown(job, kind, whom)),
        [one] => Ok(*one),
        several => {
            let ids: Vec<String> = several.iter().map(ObjectId::to_string).collect();
            let what = kind.graph_name();
            Err(Failure::new(format!(
                "{} {what}s have the name `{whom}`: {}",
                ids.len(),
                ids.join(", ")
            ))
            .with_help(format!("name one by its id: --{what} ID")))
        }
    }
}

/// Whoever had this name when the log told of him last: the only place that knows it of somebody who is gone, or
/// is in the target's recycle bin.
fn in_log(
    reader: &Reader<'_>,
    job: &Job,
    kind: EntityKind,
    name: &str,
) -> Result<Option<ObjectId>, Failure> {
    let latest = Logs {
        user: Some(name.to_owned()),
        top: 1,
        ..Logs::default()
    };
    let found = Walk::new(&latest, job.tenant, Some(&job.id))
        .through(reader)?
        .pop();
    Ok(found.and_then(|(_, row)| {
        let identity = &row["sourceIdentity"];
        let id = identity["id"].as_str()?.parse().ok()?;
        (identity["identityType"] == kind.engine_name()).then_some(id)
    }))
}

/// Nobody has this name or id.
pub fn unknown(job: &Job, kind: EntityKind, whom: &str) -> Failure {
    let what = kind.graph_name();
    let name = match kind {
        EntityKind::Group => "displayName",
        _ => "userPrincipalName",
    };
    Failure::new(format!(
        "there is no {what} `{whom}`: not in the source (the recycle bin included), and not among what the job has linked in the target"
    ))
    .with_help(format!(
        "give the {name} or the object id as the source has it; `syncline jobs show --job {0}` says which tenant that is, and `syncline logs --job {0} --user '{whom}'` what was done with somebody who is gone",
        job.id
    ))
}

/// Those who live; if there is nobody, those of the recycle bin.
fn in_source(
    reader: &Reader<'_>,
    job: &Job,
    kind: EntityKind,
    name: &str,
) -> Result<Vec<ObjectId>, Failure> {
    if kind == EntityKind::User {
        match syncline_directory::users::find(reader, job.tenant, name) {
            Ok(user) => return Ok(vec![user.entry.id]),
            Err(problem) if problem.kind == ProblemKind::NotFound => {}
            Err(problem) => return Err(problem.into()),
        }
    }
    if kind == EntityKind::Group {
        let live = with_name(kind, name, |after, page| {
            reader.scan(job.tenant, kind, ObjectState::Live, after, page)
        })?;
        if !live.is_empty() {
            return Ok(live);
        }
    }
    let recycled = with_name(kind, name, |after, page| {
        reader.recycled(job.tenant, kind, after, page)
    })?;
    Ok(recycled)
}
