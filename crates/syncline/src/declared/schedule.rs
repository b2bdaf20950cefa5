//! How often the job runs, and whether changes are followed in between.

use syncline_model::job::{CONTINUOUS_MODE, DEFAULT_INTERVAL_SECONDS};
use syncline_model::{Job, Problem, Timestamp};
use syncline_store::Tx;

use super::changes::Change;
use super::file::{Configuration, Interval};
use super::present::Present;

/// # Errors
/// When the job may have no more settings.
pub fn compare(wanted: &Configuration, present: &Present) -> Result<Vec<Change>, Problem> {
    let job = present.job.as_ref();
    let from = Interval(job.map_or(DEFAULT_INTERVAL_SECONDS, |job| job.interval_seconds));
    let interval = wanted.interval.filter(|to| *to != from);
    let is_continuous = job.is_some_and(Job::is_continuous);
    let continuous = wanted.continuous.filter(|to| *to != is_continuous);
    if let (Some(job), Some(to)) = (job, continuous) {
        // A plan says what cannot be written, too.
        set_continuous(&mut job.clone(), to)?;
    }
    Ok(interval
        .map(|to| Change::Interval { from, to })
        .into_iter()
        .chain(continuous.map(|to| Change::Continuous { to }))
        .collect())
}

/// Writes these of the changes, and gives the job as it is then.
pub fn write(
    tx: &mut Tx<'_>,
    job: Job,
    changes: &[Change],
    now: Timestamp,
) -> Result<Job, Problem> {
    let is_ours = |it: &Change| matches!(it, Change::Interval { .. } | Change::Continuous { .. });
    if !changes.iter().any(is_ours) {
        return Ok(job);
    }
    // What else was written for it may stand in the row by now.
    let mut job = tx.job(job.tenant, &job.id)?.unwrap_or(job);
    for change in changes {
        match change {
            Change::Interval { to, .. } => job.set_interval(to.0, now),
            Change::Continuous { to } => set_continuous(&mut job, *to)?,
            _ => {}
        }
    }
    tx.update_job(&job)?;
    Ok(job)
}

fn set_continuous(job: &mut Job, to: bool) -> Result<(), Problem> {
    let value = if to { "True" } else { "False" };
    job.set_setting(CONTINUOUS_MODE.to_owned(), value.to_owned());
    job.check_settings()
}
