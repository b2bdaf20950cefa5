//! Step 7: the source tenant creates the job; before step 8 the schema is read and gets its scoping
//! filter.

use serde_json::json;

use crate::world::{each, id, text};

use super::walk::{Versions, Walk};

pub fn run(walk: &mut Walk<'_>) {
    let jobs = walk.synchronization("/jobs");
    let job = walk.line("7.1").created(
        &walk
            .source
            .post(&jobs, json!({"templateId": "Azure2Azure"})),
    );

    let set = format!(
        "servicePrincipals('{}')/synchronization/jobs/$entity",
        walk.configuration.service_principal
    );
    walk.line("7.2")
        .equal(&job["@odata.context"], walk.context("beta", &set).as_str());

    walk.line("7.3")
        .holds(id(&job).starts_with("Azure2Azure."), &id(&job));
    walk.line("7.3").equal(&job["templateId"], "Azure2Azure");
    let parts = format!(
        "Azure2Azure.{}.{}",
        walk.source_id.replace('-', ""),
        walk.configuration.app_id
    );
    walk.line("7.3").equal(id(&job), parts);

    let schedule = json!({"expiration": null, "interval": "PT40M", "state": "Disabled"});
    walk.line("7.4").equal(&job["schedule"], &schedule);

    walk.line("7.5").contains(
        &job["status"],
        &json!({
            "countSuccessiveCompleteFailures": 0,
            "escrowsPruned": false,
            "code": "Paused",
            "lastExecution": null,
            "lastSuccessfulExecution": null,
            "lastSuccessfulExecutionWithExports": null,
            "quarantine": null,
            "steadyStateFirstAchievedTime": "0001-01-01T00:00:00Z",
            "steadyStateLastAchievedTime": "0001-01-01T00:00:00Z",
            "troubleshootingUrl": null,
            "progress": [],
            "synchronizedEntryCountByType": [],
        }),
    );
    walk.line("7.6")
        .equal(&job["synchronizationJobSettings"], &settings());

    let templates = walk
        .line("7.7")
        .ok(&walk.source.get(&walk.synchronization("/templates")));
    walk.line("7.7").holds(
        each(&templates, "id").contains(&"Azure2Azure".to_owned()),
        "the template is listed",
    );

    walk.configuration.job = id(&job);
    scoping_filter(walk);
}

pub fn settings() -> serde_json::Value {
    json!([
        {"name": "AzureIngestionAttributeOptimization", "value": "False"},
        {"name": "LookaheadQueryEnabled", "value": "False"},
    ])
}

/// The filter whose evaluation step 12 reads in the log. Older clients write a schema with PUT, newer
/// ones with PATCH; both replace it.
fn scoping_filter(walk: &mut Walk<'_>) {
    let url = walk.job("/schema");
    let mut schema = walk.line("T.3").ok(&walk.source.get(&url));
    walk.configuration.rule = text(&schema["synchronizationRules"][0], "id");
    schema["synchronizationRules"][0]["objectMappings"][0]["scope"] = json!({
        "categoryFilterGroups": [],
        "inputFilterGroups": [],
        "groups": [{
            "name": "Marketing department filter",
            "clauses": [{
                "operatorName": "EQUALS",
                "sourceOperandName": "department",
                "targetOperand": {"values": ["Marketing"]},
            }],
        }],
    });
    let answer = match walk.versions {
        Versions::AllBeta => walk.source.patch(&url, schema),
        _ => walk.source.put(&url, schema),
    };
    walk.line("12.12, stored").no_content(&answer);
}
