//! How far a job has read, or will have when its cycle ends.

use syncline_model::{Job, Problem};

use super::subject::Subject;
use super::{Check, still_there};
use crate::app::App;
use crate::failure::Failure;

/// A job that is ahead of its tenant passes over what is written until the tenant has come so far.
/// `tenant`: what the job's tenant is called.
pub(super) fn check(
    app: &App,
    job: &Job,
    tenant: &str,
    of: &Subject,
) -> Result<Option<Check>, Failure> {
    let found = app.store.read(|reader| {
        let job = still_there(reader, job)?;
        job.map(|job| Ok::<_, Problem>((reader.sequence(job.tenant)?, job)))
            .transpose()
    })?;
    let Some((newest, job)) = found else {
        return Ok(None);
    };
    let behind = job.watermark.as_ref();
    let until = job.running.as_ref().map(|cycle| &cycle.until);
    let read = behind.into_iter().chain(until).map(|it| it.sequence).max();
    Ok(Some(match read {
        None => Check::ok(of, format!("{tenant}: nothing was read yet")),
        Some(read) if read <= newest => Check::ok(of, format!("{tenant}: at {read} of {newest}")),
        Some(read) => Check::problem(
            of,
            format!(
                "{tenant}: at {read}, but the newest change is {newest}: the job misses all changes between them"
            ),
            format!(
                "syncline jobs restart --job {} --scope Watermark: the next cycle reads everything; and report this if no older state of the database was put back",
                job.id
            ),
        ),
    }))
}
