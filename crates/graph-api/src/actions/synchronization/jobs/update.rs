//! `PATCH …/synchronization/jobs/{jobId}`: interval and job settings.

use syncline_model::Problem;

use crate::actions::synchronization::resolve;
use crate::actions::synchronization::wire::job::parse_duration;
use crate::{Call, Reply};

/// Five minutes to one day.
const INTERVAL_SECONDS: std::ops::RangeInclusive<u32> = 300..=86_400;

pub fn update(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.body("synchronizationJob")?;
    body.only(&[
        "id",
        "templateId",
        "schedule",
        "status",
        "synchronizationJobSettings",
    ])?;
    let interval = match body.object("schedule")? {
        Some(schedule) => schedule.text("interval")?.map(seconds).transpose()?,
        None => None,
    };
    let mut settings = Vec::new();
    for setting in body
        .objects("synchronizationJobSettings")?
        .unwrap_or_default()
    {
        settings.push((
            setting.required_text("name")?.to_owned(),
            setting.text("value")?.unwrap_or_default().to_owned(),
        ));
    }
    call.write(|tx, _| {
        let mut job = resolve::job(call, tx)?;
        if let Some(interval) = interval {
            job.interval_seconds = interval;
            // A shorter interval counts from now; nobody waits for the old one to pass. The
            // back-off of a quarantine is not the interval.
            if job.status.quarantine.is_none() {
                let soonest = call.now.plus_seconds(i64::from(interval));
                job.next_due = job.next_due.map(|due| due.min(soonest));
            }
        }
        for (name, value) in settings {
            match job.settings.iter_mut().find(|(known, _)| *known == name) {
                Some(known) => known.1 = value,
                None => job.settings.push((name, value)),
            }
        }
        Ok(tx.update_job(&job)?)
    })?;
    Ok(Reply::no_content())
}

fn seconds(text: &str) -> Result<u32, Problem> {
    parse_duration(text).filter(|seconds| INTERVAL_SECONDS.contains(seconds)).ok_or_else(|| {
        Problem::bad_request(format!(
            "The interval '{text}' is not valid. Use an ISO 8601 duration from PT5M to PT24H, e.g. PT40M."
        ))
    })
}
