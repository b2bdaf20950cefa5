//! `provisioningObjectSummary`.

use serde_json::{Map, Value as Json, json};
use syncline_engine::{Evidence, steps};
use syncline_odata::path::Version;

use super::event::{Event, INITIATOR};

pub fn show(event: &Event<'_>, version: Version) -> Json {
    let (row, evidence, job) = (event.row, event.evidence, event.job);
    let kind = evidence.kind.engine_name();
    let action = steps::provisioning_action(evidence);
    let mut json = json!({
        "id": row.id,
        // With its fraction: `$filter` compares the whole time, and who asks for what is newer than the newest that he
        // has seen gets it once.
        "activityDateTime": row.at.to_sortable_text(),
        "tenantId": job.target_tenant,
        "jobId": row.job.as_str(),
        "cycleId": row.cycle,
        "changeId": row.change,
        "provisioningAction": action,
        "durationInMilliseconds": row.duration_ms,
        "initiatedBy": { "id": "", "displayName": INITIATOR, "initiatorType": "system" },
        "servicePrincipal": { "id": job.service_principal, "displayName": job.service_principal_name },
        "sourceSystem": {
            "id": job.service_principal, "displayName": evidence.source_system, "details": {},
        },
        "targetSystem": {
            "id": job.service_principal,
            "displayName": evidence.target_system,
            "details": {
                "ApplicationId": job.app_id,
                "ServicePrincipalId": job.service_principal,
                "ServicePrincipalDisplayName": job.service_principal_name,
            },
        },
        "sourceIdentity": {
            "id": evidence.source,
            "displayName": evidence.source_display_name,
            "identityType": kind,
            "details": {
                "id": evidence.source,
                "odatatype": kind,
                "DisplayName": evidence.source_display_name,
                "UserPrincipalName": evidence.source_name,
            },
        },
        // Graph leaves the target's display name empty.
        "targetIdentity": { "id": event.target(), "displayName": "", "identityType": kind, "details": {} },
        "provisioningStatusInfo": {
            "status": steps::status(evidence),
            "errorInformation": error(evidence),
        },
        "provisioningSteps": steps::log(evidence).into_iter().map(step).collect::<Vec<_>>(),
        "modifiedProperties": modified(evidence),
    });
    if let (Version::Beta, Json::Object(members)) = (version, &mut json) {
        members.insert("action".to_owned(), crate::body::capitalized(action).into());
        members.insert("statusInfo".to_owned(), status_details(evidence));
    }
    json
}

/// The older name of `provisioningStatusInfo`, which beta still shows.
fn status_details(evidence: &Evidence) -> Json {
    let mut details = error(evidence);
    if details.is_null() {
        details = json!({});
    }
    details["@odata.type"] = "#microsoft.graph.statusDetails".into();
    details["status"] = steps::status(evidence).into();
    details
}

fn step(step: steps::ProvisioningStep) -> Json {
    let details: Map<String, Json> = step
        .details
        .into_iter()
        .map(|(key, value)| (key.into(), Json::String(value.into())))
        .collect();
    json!({
        "name": step.name,
        "provisioningStepType": step.step_type,
        "status": step.status,
        "description": step.description,
        "details": details,
    })
}

fn modified(evidence: &Evidence) -> Vec<Json> {
    evidence
        .modified
        .iter()
        .map(|it| json!({ "displayName": it.name, "oldValue": it.old, "newValue": it.new }))
        .collect()
}

/// Null on success; a skipped object keeps its reason.
fn error(evidence: &Evidence) -> Json {
    steps::error_information(evidence).map_or(Json::Null, |it| {
        json!({
            "errorCode": it.error_code,
            "errorCategory": it.error_category,
            "reason": it.reason,
            "additionalDetails": it.additional_details,
            "recommendedAction": it.recommended_action,
        })
    })
}
