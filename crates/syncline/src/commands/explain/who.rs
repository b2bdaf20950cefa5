//! Who is meant: by id or by name, in the source or in the target.

use syncline_model::{EntityKind, Job, JobId, ObjectId, ProblemKind, TenantId};
use syncline_store::{ObjectState, Reader, Scanned};

use crate::app::App;
use crate::commands::logs::Logs;
use crate::commands::logs::walk::Walk;
use crate::failure::Failure;
use crate::named::with_name;
use crate::progress::Progress;

/// The object that is asked about, if the source has it or the job has linked it. An id may be that of a target
/// object, which the runner follows.
pub fn find(
    app: &App,
    reader: &Reader<'_>,
    job: &Job,
    kind: EntityKind,
    whom: &str,
) -> Result<Option<ObjectId>, Failure> {
    let whom = whom.trim();
    if let Ok(id) = whom.parse::<ObjectId>() {
        return Ok(Some(id));
    }
    let mut found = in_source(reader, job, kind, whom)?;
    if found.is_empty() && kind == EntityKind::User {
        found = app.runner.sources_of_target_user(reader, job, whom)?;
    }
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
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
/// is in the target's recycle bin. Asks outside of a snapshot: a name that was misspelt goes through all of the log.
pub fn find_in_log(
    app: &App,
    progress: &dyn Progress,
    (tenant, job): (TenantId, &JobId),
    kind: EntityKind,
    whom: &str,
) -> Result<Option<ObjectId>, Failure> {
    let latest = Logs {
        user: Some(whom.trim().to_owned()),
        top: 1,
        ..Logs::default()
    };
    let found = Walk::new(&latest, tenant, Some(job)).step_by_step(app, progress)?;
    Ok(found.newest().and_then(|row| {
        let identity = &row["sourceIdentity"];
        let id = identity["id"].as_str()?.parse().ok()?;
        (identity["identityType"] == kind.engine_name()).then_some(id)
    }))
}

/// Nobody has this name or id.
pub fn unknown(job: &Job, kind: EntityKind, whom: &str) -> Failure {
    let whom = whom.trim();
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
        Ok(Scanned::of(
            reader.recycled(job.tenant, kind, after, page)?,
            page,
        ))
    })?;
    Ok(recycled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Settings;
    use crate::data_dir::DataDir;
    use crate::progress::{Silent, Step};

    /// Whoever asked has gone.
    struct Gone;

    impl Progress for Gone {
        fn step(&self, _step: Step) {}

        fn gone(&self) -> bool {
            true
        }
    }

    #[test]
    fn the_log_is_not_searched_for_a_name_that_nobody_waits_for() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::new(folder.path().join("data"));
        data.create().unwrap();
        let app = App::open(data, Settings::default()).unwrap();
        let job = JobId("job".to_owned());
        let search = |progress: &dyn Progress| {
            let whose = (TenantId::NIL, &job);
            find_in_log(&app, progress, whose, EntityKind::User, "nobody")
        };
        let failure = search(&Gone).unwrap_err();
        assert!(failure.message.contains("given up"), "{failure}");
        app.cycles.stop();
        let failure = search(&Silent).unwrap_err();
        assert!(failure.message.contains("given up"), "{failure}");
    }
}
