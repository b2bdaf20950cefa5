//! `PATCH …/synchronization/jobs/{jobId}`: interval and job settings.

use syncline_model::Problem;
use syncline_model::job::Quarantine;

use crate::actions::synchronization::resolve;
use crate::actions::synchronization::wire::duration;
use crate::{Call, Reply};

/// Five minutes to one day.
const INTERVAL_SECONDS: std::ops::RangeInclusive<u32> = 300..=86_400;

/// A job is read at every page of its cycles: what is kept in it stays small.
const MOST_SETTINGS: usize = 100;
const LONGEST_SETTING: usize = 1024;

pub fn update(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.body("synchronizationJob")?;
    body.only(super::PROPERTIES)?;
    let interval = match body.object("schedule")? {
        Some(schedule) => schedule.text("interval")?.map(seconds).transpose()?,
        None => None,
    };
    let mut settings = Vec::new();
    for setting in body
        .objects("synchronizationJobSettings")?
        .unwrap_or_default()
    {
        let name = setting.required_text("name")?;
        let value = setting.text("value")?.unwrap_or_default();
        for (member, text) in [("name", name), ("value", value)] {
            if text.chars().count() > LONGEST_SETTING {
                return Err(setting.invalid(member));
            }
        }
        settings.push((name.to_owned(), value.to_owned()));
        if settings.len() > MOST_SETTINGS {
            return Err(too_many());
        }
    }
    call.write(|tx, _| {
        let mut job = resolve::job(call, tx)?;
        if let Some(interval) = interval {
            job.interval_seconds = interval;
            // A shorter interval counts from now; nobody waits for the old one to pass. The
            // back-off of a quarantine is not the interval; one that only holds removals has none.
            let held_back = |it: &Quarantine| !it.only_holds_removals();
            if !job.status.quarantine.as_ref().is_some_and(held_back) {
                let soonest = call.now.plus_seconds(i64::from(interval));
                job.next_due = job.next_due.map(|due| due.min(soonest));
                if let (Some(quarantine), Some(due)) = (&mut job.status.quarantine, job.next_due) {
                    quarantine.next_attempt = due;
                }
            }
        }
        for (name, value) in settings {
            match job.settings.iter_mut().find(|(known, _)| *known == name) {
                Some(known) => known.1 = value,
                None => job.settings.push((name, value)),
            }
        }
        if job.settings.len() > MOST_SETTINGS {
            return Err(too_many());
        }
        Ok(tx.update_job(&job)?)
    })?;
    Ok(Reply::no_content())
}

fn too_many() -> Problem {
    Problem::bad_request(format!("A job has at most {MOST_SETTINGS} settings."))
}

fn seconds(text: &str) -> Result<u32, Problem> {
    duration::parse(text).filter(|seconds| INTERVAL_SECONDS.contains(seconds)).ok_or_else(|| {
        Problem::bad_request(format!(
            "The interval '{text}' is not valid. Use an ISO 8601 duration from PT5M to PT24H, e.g. PT40M."
        ))
    })
}
