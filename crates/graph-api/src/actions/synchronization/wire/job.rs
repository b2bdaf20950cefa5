//! `synchronizationJob`. Keys that are unset are null, not absent: scripts written after the how-to
//! read them.

use serde_json::{Map, Value as Json, json};
use syncline_model::job::{CycleState, Execution, JobStatus, Quarantine, RunningCycle};
use syncline_model::{Job, Timestamp};

/// The job without context.
pub fn show(job: &Job) -> Map<String, Json> {
    let settings: Vec<Json> = job
        .settings
        .iter()
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    let mut json = Map::new();
    json.insert("id".to_owned(), json!(job.id.as_str()));
    json.insert("templateId".to_owned(), json!(job.template));
    json.insert(
        "schedule".to_owned(),
        json!({
            "expiration": null,
            "interval": duration(job.interval_seconds),
            "state": job.state.name(),
        }),
    );
    json.insert("status".to_owned(), status(job));
    json.insert("synchronizationJobSettings".to_owned(), settings.into());
    json
}

fn status(job: &Job) -> Json {
    let status: &JobStatus = &job.status;
    let started = job.started_at.is_some();
    let last = match &status.last_execution {
        Some(it) => execution(it),
        // Started, and no cycle has ended yet: an execution that has not begun.
        None if started => not_run(),
        None => Json::Null,
    };
    // Cycles count; who came on demand before the first one ended shows with it.
    let counted = status
        .last_execution
        .as_ref()
        .map(|_| &status.synchronized_entries);
    let entries: Vec<Json> = counted
        .into_iter()
        .flatten()
        .map(|(key, value)| json!({ "key": key, "value": value }))
        .collect();
    json!({
        "code": job.status_code(),
        "countSuccessiveCompleteFailures": status.count_successive_complete_failures,
        "escrowsPruned": false,
        "lastExecution": last,
        "lastSuccessfulExecution": status.last_successful_execution.as_ref().map(execution),
        "lastSuccessfulExecutionWithExports":
            status.last_successful_execution_with_exports.as_ref().map(execution),
        "progress": job.running.as_ref().map(progress).into_iter().collect::<Vec<_>>(),
        "quarantine": status.quarantine.as_ref().map(quarantine),
        "steadyStateFirstAchievedTime": time(status.steady_state_first_achieved),
        "steadyStateLastAchievedTime": time(status.steady_state_last_achieved),
        "synchronizedEntryCountByType": entries,
        "troubleshootingUrl": started.then_some(""),
    })
}

/// `synchronizationTaskExecution`.
fn execution(it: &Execution) -> Json {
    let counts = &it.counts;
    let exports =
        counts.created + counts.updated + counts.disabled + counts.deleted + counts.restored;
    let state = match it.state {
        CycleState::Succeeded => "Succeeded",
        CycleState::EntryLevelErrors => "EntryLevelErrors",
        CycleState::Failed | CycleState::Stopped => "Failed",
    };
    json!({
        "activityIdentifier": it.activity,
        "countEntitled": it.entitled,
        "countEntitledForProvisioning": it.entitled,
        "countEscrowed": counts.escrowed,
        "countEscrowedRaw": counts.escrowed,
        "countExported": exports,
        "countExports": exports + counts.escrowed,
        "countImported": it.imported,
        "countImportedDeltas": it.imported,
        "countImportedReferenceDeltas": counts.references_set + counts.references_removed,
        "state": state,
        "timeBegan": it.began.to_string(),
        "timeEnded": it.ended.to_string(),
        "error": it.error.as_ref().map(error),
    })
}

fn not_run() -> Json {
    json!({
        "activityIdentifier": null,
        "countEntitled": 0,
        "countEntitledForProvisioning": 0,
        "countEscrowed": 0,
        "countEscrowedRaw": 0,
        "countExported": 0,
        "countExports": 0,
        "countImported": 0,
        "countImportedDeltas": 0,
        "countImportedReferenceDeltas": 0,
        "state": "Failed",
        "timeBegan": Timestamp::NEVER.to_string(),
        "timeEnded": Timestamp::NEVER.to_string(),
        "error": { "code": "None", "message": "", "tenantActionable": false },
    })
}

fn error((code, message): &(String, String)) -> Json {
    json!({ "code": code, "message": message, "tenantActionable": true })
}

fn quarantine(it: &Quarantine) -> Json {
    json!({
        "currentBegan": it.current_began.to_string(),
        "nextAttempt": it.next_attempt.to_string(),
        "reason": it.reason,
        "seriesBegan": it.series_began.to_string(),
        "seriesCount": it.series_count,
        "error": it.error.as_ref().map(error),
    })
}

/// Objects, not pages: a percentage of pages says nothing about how long it still takes.
fn progress(cycle: &RunningCycle) -> Json {
    json!({
        "completedUnits": cycle.imported,
        "totalUnits": cycle.total.max(cycle.imported),
        "units": "objects",
        "progressObservationDateTime": cycle.began.to_string(),
    })
}

fn time(at: Option<Timestamp>) -> String {
    at.unwrap_or(Timestamp::NEVER).to_string()
}

/// `PT40M`; seconds only when there are any.
pub fn duration(seconds: u32) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds % 3600 / 60, seconds % 60);
    let part = |amount: u32, unit: &str| {
        if amount > 0 {
            format!("{amount}{unit}")
        } else {
            String::new()
        }
    };
    match (seconds, hours) {
        (0, _) => "PT0S".to_owned(),
        // Graph writes forty minutes as PT40M and a whole hour as PT1H.
        _ => format!(
            "PT{}{}{}",
            part(hours, "H"),
            part(minutes, "M"),
            part(rest, "S")
        ),
    }
}

/// Reads `PT40M`, `PT1H30M`, `PT300S`, `P1D`. `None`: not a duration of days, hours, minutes and
/// seconds.
pub fn parse_duration(text: &str) -> Option<u32> {
    let (days, time) = match text.strip_prefix('P')?.split_once('T') {
        Some((days, time)) if !time.is_empty() => (days, time),
        Some(_) => return None,
        None => (text.strip_prefix('P')?, ""),
    };
    let mut seconds: u32 = 0;
    if !days.is_empty() {
        seconds = days
            .strip_suffix('D')?
            .parse::<u32>()
            .ok()?
            .checked_mul(86_400)?;
    }
    let mut rest = time;
    for (unit, factor) in [('H', 3600), ('M', 60), ('S', 1)] {
        if let Some((amount, after)) = rest.split_once(unit) {
            seconds = seconds.checked_add(amount.parse::<u32>().ok()?.checked_mul(factor)?)?;
            rest = after;
        }
    }
    (rest.is_empty() && (!days.is_empty() || !time.is_empty())).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_print_and_read_alike() {
        for (text, seconds) in [
            ("PT40M", 2400),
            ("PT1H", 3600),
            ("PT1H30M", 5400),
            ("PT5M30S", 330),
            ("PT24H", 86_400),
        ] {
            assert_eq!(parse_duration(text), Some(seconds), "{text}");
            assert_eq!(duration(seconds), text);
        }
        assert_eq!(parse_duration("P1D"), Some(86_400));
        for text in ["", "P", "PT", "40M", "PTM", "PT4X", "P1M"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}
