//! Step 10: one person is provisioned on demand, before the job is started.

use serde_json::{Value as Json, json};

use crate::world::text;

use super::setup::{on_demand_result, synchronized};
use super::walk::Walk;

pub fn run(walk: &Walk<'_>) {
    let schema = walk.line("10.1").ok(&walk.source.get(&walk.job("/schema")));
    walk.line("10.1").equal(
        &schema["synchronizationRules"][0]["id"],
        walk.configuration.rule.as_str(),
    );

    let job = walk.line("10.3").ok(&walk.source.get(&walk.job("")));
    walk.line("10.3")
        .equal(&job["schedule"]["state"], "Disabled");

    let url = walk.job("/provisionOnDemand");
    let ada = walk.configuration.on_demand(&walk.people.ada);
    let answer = walk.line("10.2").ok(&walk.source.post(&url, ada.clone()));
    creates_ada(walk, &answer);

    let powershell = json!({
        "RuleId": walk.configuration.rule,
        "Subjects": [{"ObjectId": walk.people.bea, "ObjectTypeName": "User"}],
    });
    let twin = walk.beta(&format!(
        "/applications/{}/synchronization/jobs/{}/provisionOnDemand",
        walk.configuration.service_principal, walk.configuration.job
    ));
    let answer = walk.line("10.4").ok(&walk.source.post(&twin, powershell));
    walk.line("10.4")
        .equal(&on_demand_result(&answer)["action"], "Create");

    let again = on_demand_result(&walk.line("10.5").ok(&walk.source.post(&url, ada.clone())));
    let skipped = json!({"statusInfo": {"status": "Skipped", "errorCode": "RedundantExport"}});
    walk.line("10.5").contains(&again, &skipped);

    let cleo = walk.configuration.on_demand(&walk.people.cleo);
    let result = on_demand_result(&walk.line("10.6").ok(&walk.source.post(&url, cleo)));
    walk.line("10.6")
        .equal(&result["statusInfo"]["status"], "Skipped");
    let scoping = step(&result, "EntrySynchronizationScoping");
    walk.line("10.6").contains(
        &scoping,
        &json!({"type": "Scoping", "details": {"Assigned": "False"}}),
    );
    walk.line("10.6")
        .equal(synchronized(walk.world, "fabrikam").len(), 2);

    limit(walk, &url, &ada);
}

/// Five calls in ten seconds; four were made above, in no time.
fn limit(walk: &Walk<'_>, url: &str, body: &Json) {
    walk.line("10.7, the 5th")
        .ok(&walk.source.post(url, body.clone()));
    let sixth = walk.source.post(url, body.clone());
    walk.line("10.7").problem(&sixth, 429, "TooManyRequests");
    walk.line("10.7").equal(sixth.header("retry-after"), "10");
    walk.world.clock.advance_seconds(9);
    let waited = walk.source.post(url, body.clone());
    walk.line("10.7, after 9 s")
        .problem(&waited, 429, "TooManyRequests");
    walk.line("10.7, after 9 s")
        .equal(waited.header("retry-after"), "1");
    walk.world.clock.advance_seconds(1);
    walk.line("10.7, after 10 s")
        .ok(&walk.source.post(url, body.clone()));
}

fn creates_ada(walk: &Walk<'_>, answer: &Json) {
    let line = walk.line("10.2");
    let context = walk.context("beta", "microsoft.graph.stringKeyStringValuePair");
    line.equal(&answer["@odata.context"], context.as_str());
    line.equal(
        &answer["key"],
        "Microsoft.Identity.Health.CPP.Common.DataContracts.SyncFabric.StatusInfo",
    );
    let result = on_demand_result(answer);
    let configuration = &walk.configuration;
    line.contains(
        &result,
        &json!({
            "action": "Create",
            "startTime": "2022-12-10T12:00:00Z",
            "endTime": "2022-12-10T12:00:00Z",
            "statusInfo": {
                "status": "Success",
                "errorCode": null,
                "reason": null,
                "additionalDetails": null,
                "errorCategory": null,
                "recommendedAction": null,
            },
            "sourceIdentity": {
                "id": walk.people.ada,
                "type": "User",
                "displayName": "ada",
                "details": {"UserPrincipalName": "ada@contoso.example"},
            },
            "targetIdentity": {"type": "User", "details": {}},
            "sourceSystem": {"name": "Azure Active Directory", "details": {}},
            "targetSystem": {
                "name": "Azure Active Directory (target tenant)",
                "details": {
                    "ApplicationId": configuration.app_id,
                    "ServicePrincipalId": configuration.service_principal,
                    "ServicePrincipalDisplayName": "Fabrikam",
                },
            },
        }),
    );
    line.equal(text(&result, "changeId").len(), 36);
    let modified = result["modifiedProperties"].as_array().unwrap();
    let department = modified.iter().find(|it| it["displayName"] == "department");
    line.contains(
        department.unwrap(),
        &json!({"oldValue": null, "newValue": "Marketing"}),
    );

    for (name, kind) in [
        ("EntryImportAdd", "Import"),
        ("EntrySynchronizationScoping", "Scoping"),
        ("EntrySynchronizationAdd", "Matching"),
        ("EntryExportAdd", "Export"),
    ] {
        let expected =
            json!({"type": kind, "status": "Success", "timestamp": "2022-12-10T12:00:00Z"});
        line.contains(&step(&result, name), &expected);
    }
    line.contains(
        &step(&result, "EntrySynchronizationScoping")["details"],
        &json!({
            "IsActive": "True",
            "Assigned": "True",
            "IsEffectivelyEntitledForProvisioning": "True",
            "IsInProvisioningScopeDisplayName": "True",
        }),
    );

    let there = synchronized(walk.world, "fabrikam");
    line.equal(there.len(), 1);
    line.equal(text(&result, "reportableIdentifier"), there[0].as_str());
}

fn step(result: &Json, name: &str) -> Json {
    let steps = result["provisioningSteps"].as_array().expect("steps");
    let found = steps.iter().find(|it| it["name"] == name);
    found
        .unwrap_or_else(|| panic!("no step {name} in {result:#}"))
        .clone()
}
