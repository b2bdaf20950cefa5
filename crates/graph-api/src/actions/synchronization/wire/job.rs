//! `synchronizationJob`. Keys that are unset are null, not absent: scripts written after the how-to
//! read them.

use serde_json::{Map, Value as Json, json};
use syncline_model::job::{CycleState, Execution, JobStatus, Quarantine, RunningCycle};
use syncline_model::{Job, Timestamp, duration};
use syncline_store::StoreError;

/// The job without context, as it is `now`.
pub fn show(job: &Job, now: Timestamp) -> Map<String, Json> {
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
            "interval": duration::show(job.interval_seconds),
            "state": job.state.name(),
        }),
    );
    json.insert("status".to_owned(), status(job, now));
    json.insert("synchronizationJobSettings".to_owned(), settings.into());
    json
}

fn status(job: &Job, now: Timestamp) -> Json {
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
        "progress": job.running.iter().map(|it| progress(it, now)).collect::<Vec<_>>(),
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

/// Codes of what only the operator can mend.
const OPERATORS: [&str; 6] = [
    StoreError::BUSY,
    StoreError::UNANSWERED,
    StoreError::FULL,
    StoreError::UNWRITABLE,
    "InternalError",
    "InternalServerError",
];

/// What a tenant is told of a failure, and whether it can do something about that. What failed inside is for the operator, who
/// has it in the log and in `syncline jobs show`.
pub fn for_the_tenant<'m>(code: &str, message: &'m str) -> (&'m str, bool) {
    match OPERATORS.contains(&code) {
        true => (
            "The service failed. Its operator finds the reason in its log.",
            false,
        ),
        false => (message, true),
    }
}

fn error((code, message): &(String, String)) -> Json {
    let (message, actionable) = for_the_tenant(code, message);
    json!({ "code": code, "message": message, "tenantActionable": actionable })
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
fn progress(cycle: &RunningCycle, now: Timestamp) -> Json {
    let done = cycle.imported + cycle.passed_over;
    json!({
        "completedUnits": done,
        "totalUnits": cycle.total.max(done),
        "units": "objects",
        "progressObservationDateTime": now.to_string(),
    })
}

fn time(at: Option<Timestamp>) -> String {
    at.unwrap_or(Timestamp::NEVER).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_the_operator_can_mend_is_not_the_tenants_to_act_on() {
        let told = |code: &str| error(&(code.to_owned(), "database: on /dev/sda".to_owned()));
        for code in [
            "InternalServerError",
            StoreError::FULL,
            StoreError::UNWRITABLE,
        ] {
            let json = told(code);
            assert_eq!(json["tenantActionable"], false, "{code}");
            assert!(!json["message"].to_string().contains("/dev/sda"), "{json}");
        }
        let json = told("SourceSuddenlyShort");
        assert_eq!(json["tenantActionable"], true);
        assert_eq!(json["message"], "database: on /dev/sda");
    }
}
