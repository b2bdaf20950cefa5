//! What stands in the job: how often it runs, whether changes are followed in between, and when failed objects are tried
//! again.

use syncline_engine::escrow::Timetable;
use syncline_engine::gate::deletes_setting::is_meant;
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
    let timetable = Timetable::of(job.map_or(&[], |job| &job.settings));
    let retries = wanted.retries.as_ref().map(|wanted| wanted.of(job));
    let retries = retries.filter(|to| *to != timetable);
    if let Some(job) = job {
        // A plan says what cannot be written, too.
        let mut job = job.clone();
        if let Some(to) = continuous {
            job.set_setting(CONTINUOUS_MODE.to_owned(), switched(to));
            job.check_settings()?;
        }
        if let Some(to) = &retries {
            set_retries(&mut job, to)?;
        }
    }
    Ok(interval
        .map(|to| Change::Interval { from, to })
        .into_iter()
        .chain(continuous.map(|to| Change::Continuous { to }))
        .chain(retries.map(|to| Change::Retries {
            from: timetable,
            to,
        }))
        .collect())
}

/// Writes these of the changes, and gives the job as it is then.
pub fn write(
    tx: &mut Tx<'_>,
    job: Job,
    changes: &[Change],
    now: Timestamp,
) -> Result<Job, Problem> {
    let is_ours = |it: &Change| {
        matches!(
            it,
            Change::Interval { .. }
                | Change::Continuous { .. }
                | Change::Retries { .. }
                | Change::AccidentalDeletionThreshold { .. }
        )
    };
    if !changes.iter().any(is_ours) {
        return Ok(job);
    }
    // What else was written for it may stand in the row by now.
    let mut job = tx.job(job.tenant, &job.id)?.unwrap_or(job);
    for change in changes {
        match change {
            Change::Interval { to, .. } => job.set_interval(to.0, now),
            Change::Continuous { to } => {
                job.set_continuous(Some(switched(*to)), now);
                job.check_settings()?;
            }
            Change::Retries { to, .. } => set_retries(&mut job, to)?,
            // It stands in the secrets; what the job says beside them would go on being in force where it is stricter.
            Change::AccidentalDeletionThreshold { .. } => {
                job.settings.retain(|(name, _)| !is_meant(name));
            }
            _ => {}
        }
    }
    tx.update_job(&job)?;
    Ok(job)
}

/// The value of the setting.
fn switched(on: bool) -> String {
    if on { "True" } else { "False" }.to_owned()
}

fn set_retries(job: &mut Job, to: &Timetable) -> Result<(), Problem> {
    for (name, value) in to.settings() {
        job.set_setting(name.to_owned(), value);
    }
    job.check_settings()
}
