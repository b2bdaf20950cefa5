//! The answer of `provisionOnDemand`: a `stringKeyStringValuePair` whose value is JSON text, an
//! array with one object per subject.

use serde_json::{Map, Value as Json, json};
use syncline_engine::{Evidence, steps};
use syncline_model::Text;
use syncline_runner::OnDemand;

use super::super::resolve::Configuration;

/// The key that the cross-tenant article shows.
pub const KEY: &str = "Microsoft.Identity.Health.CPP.Common.DataContracts.SyncFabric.StatusInfo";

pub fn show(done: &[OnDemand], configuration: &Configuration) -> String {
    Json::Array(done.iter().map(|it| one(it, configuration)).collect()).to_string()
}

fn one(done: &OnDemand, configuration: &Configuration) -> Json {
    let evidence = &done.evidence;
    let at = done.ended.to_string();
    let provisioning_steps: Vec<Json> = steps::on_demand(evidence)
        .into_iter()
        .map(|step| {
            json!({
                "name": step.name,
                "type": step.step_type,
                "status": step.status,
                "description": step.description,
                "timestamp": at,
                "details": details(step.details),
            })
        })
        .collect();
    let modified: Vec<Json> = evidence
        .modified
        .iter()
        .map(|it| json!({ "displayName": it.name, "oldValue": it.old, "newValue": it.new }))
        .collect();
    let kind = evidence.kind.engine_name();
    json!({
        "action": pascal(steps::provisioning_action(evidence)),
        "changeId": done.change,
        "startTime": done.started.to_string(),
        "endTime": at,
        "modifiedProperties": modified,
        "provisioningSteps": provisioning_steps,
        "reportableIdentifier": steps::reportable_identifier(evidence),
        "statusInfo": status_info(evidence),
        "sourceIdentity": {
            "id": evidence.source,
            "type": kind,
            "displayName": evidence.source_display_name,
            "details": {
                "id": evidence.source,
                "odatatype": kind,
                "DisplayName": evidence.source_display_name,
                "UserPrincipalName": evidence.source_name,
            },
        },
        "targetIdentity": {
            "id": evidence.target.map(|it| it.to_string()).unwrap_or_default(),
            "type": kind,
            "displayName": evidence.target_display_name,
            "details": {},
        },
        "sourceSystem": {
            "id": configuration.service_principal,
            "name": evidence.source_system,
            "details": {},
        },
        "targetSystem": {
            "id": configuration.service_principal,
            "name": evidence.target_system,
            "details": {
                "ApplicationId": configuration.app_id,
                "ServicePrincipalId": configuration.service_principal,
                "ServicePrincipalDisplayName": configuration.display_name,
            },
        },
    })
}

fn status_info(evidence: &Evidence) -> Json {
    let error = steps::error_information(evidence);
    json!({
        "status": pascal(steps::status(evidence)),
        "errorCode": error.as_ref().map(|it| &it.error_code),
        "reason": error.as_ref().map(|it| &it.reason),
        "additionalDetails": error.as_ref().and_then(|it| it.additional_details.as_ref()),
        "errorCategory": error.as_ref().map(|it| it.error_category),
        "recommendedAction": error.as_ref().map(|it| &it.recommended_action),
    })
}

fn details(pairs: Vec<(Text, Text)>) -> Json {
    Json::Object(
        pairs
            .into_iter()
            .map(|(key, value)| (key.into(), Json::String(value.into())))
            .collect::<Map<_, _>>(),
    )
}

/// On demand, words of the log start with a capital letter.
fn pascal(word: &str) -> String {
    crate::body::capitalized(word)
}
