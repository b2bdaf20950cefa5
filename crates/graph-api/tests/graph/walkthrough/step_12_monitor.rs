//! Step 12: the job's status, and the provisioning log.

use serde_json::{Value as Json, json};

use crate::world::{each, text};

use super::callers::everything;
use super::step_07_create_job::settings;
use super::walk::Walk;

pub fn run(walk: &mut Walk<'_>) {
    not_run_yet(walk);
    walk.configuration.cycle(walk.world);
    after_the_first_cycle(walk);
    outside_the_window(walk);
    window(walk);
    let event = creation_of_dora(walk);
    event_as_a_whole(walk, &event);
    steps(walk, &event);
    without_options(walk);
}

fn not_run_yet(walk: &Walk<'_>) {
    let job = walk.line("12.1").ok(&walk.source.get(&walk.job("")));
    walk.line("12.1").contains(
        &job,
        &json!({
            "id": walk.configuration.job,
            "templateId": "Azure2Azure",
            "schedule": {"expiration": null, "interval": "PT40M", "state": "Active"},
            "status": {
                "code": "NotRun",
                "countSuccessiveCompleteFailures": 0,
                "escrowsPruned": false,
                "lastSuccessfulExecution": null,
                "lastSuccessfulExecutionWithExports": null,
                "quarantine": null,
                "steadyStateFirstAchievedTime": "0001-01-01T00:00:00Z",
                "steadyStateLastAchievedTime": "0001-01-01T00:00:00Z",
                "troubleshootingUrl": "",
            },
        }),
    );
    walk.line("12.2").equal(
        &job["status"]["lastExecution"],
        &json!({
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
            "timeBegan": "0001-01-01T00:00:00Z",
            "timeEnded": "0001-01-01T00:00:00Z",
            "error": {"code": "None", "message": "", "tenantActionable": false},
        }),
    );
    walk.line("12.3")
        .equal(&job["status"]["progress"], &json!([]));
    // Two people came on demand, but no cycle has counted yet.
    walk.line("12.3")
        .equal(&job["status"]["synchronizedEntryCountByType"], &json!([]));
    walk.line("12.3")
        .equal(&job["synchronizationJobSettings"], &settings());
}

fn after_the_first_cycle(walk: &Walk<'_>) {
    let line = walk.line("12.4");
    let job = line.ok(&walk.source.get(&walk.job("")));
    let status = &job["status"];
    line.equal(&status["code"], "Active");
    line.contains(
        &status["lastSuccessfulExecution"],
        &json!({"state": "Succeeded", "timeBegan": "2022-12-10T12:00:10Z", "error": null}),
    );
    line.equal(&status["lastSuccessfulExecution"]["countExported"], 1);
    let three = json!([{"key": "User to User", "value": 3}]);
    line.equal(&status["synchronizedEntryCountByType"], &three);
}

/// An event of the next day, which the window must leave out.
fn outside_the_window(walk: &mut Walk<'_>) {
    walk.world.clock.advance_seconds(12 * 3600);
    walk.sign_in();
    let ada = format!("/v1.0/users/{}", walk.people.ada);
    everything(walk.world, "contoso")
        .patch(&ada, json!({"jobTitle": "Pilot"}))
        .no_content();
    assert_eq!(walk.configuration.cycle(walk.world).counts.updated, 1);
}

fn window(walk: &Walk<'_>) {
    let line = walk.line("12.5");
    let principal = &walk.configuration.service_principal;
    let filter = format!(
        "((contains(tolower(servicePrincipal/id), '{principal}') or contains(tolower(servicePrincipal/displayName), '{principal}')) and activityDateTime gt 2022-12-10 and activityDateTime lt 2022-12-11)"
    );
    let mut answers: Vec<Json> = Vec::new();
    for query in spellings(&filter) {
        let log = line.ok(&walk
            .source
            .get(&walk.v1(&format!("/auditLogs/provisioning?{query}"))));
        let context = text(&log, "@odata.context");
        line.holds(context.ends_with("#auditLogs/provisioning"), &context);
        let times = each(&log, "activityDateTime");
        // Three people, and those who were skipped.
        line.holds(times.len() > 3, &format!("{query}: {} events", times.len()));
        line.holds(
            times.iter().all(|at| at.starts_with("2022-12-10T")),
            &format!("{times:?}"),
        );
        line.holds(
            times.is_sorted_by(|newer, older| newer >= older),
            &format!("{times:?}"),
        );
        answers.push(log["value"].clone());
    }
    line.holds(
        answers.windows(2).all(|two| two[0] == two[1]),
        "every encoding means the same",
    );

    let all = walk.source.all(&walk.v1("/auditLogs/provisioning"));
    let within = answers[0].as_array().unwrap().len();
    line.holds(all.len() > within, "there are events outside of the window");
}

/// One query as different clients send it.
fn spellings(filter: &str) -> Vec<String> {
    let javascript = filter.replace(' ', "%20").replace('\'', "%27");
    let python: String = filter
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect();
    let lower = python
        .to_lowercase()
        .replace("servicePrincipal", "serviceprincipal");
    let plus = filter.replace(' ', "+");
    vec![
        format!("$filter={javascript}&$top=500&$orderby=activityDateTime%20desc"),
        format!("%24filter={python}&%24top=500&%24orderby=activityDateTime%20desc"),
        // Names count in any case, and hexadecimal digits too.
        format!("$filter={lower}&$top=500&$orderby=activitydatetime%20desc"),
        format!("$filter={plus}&$top=500&$orderby=activityDateTime+desc"),
        // Spaces after commas left out, options without `$`.
        format!(
            "filter={}&top=500&orderby=activityDateTime%20desc",
            javascript.replace(",%20", ",")
        ),
    ]
}

fn creation_of_dora(walk: &Walk<'_>) -> Json {
    let log = walk.source.all(&walk.v1("/auditLogs/provisioning"));
    let mut found = log.into_iter().filter(|it| {
        it["sourceIdentity"]["id"] == walk.people.dora.as_str()
            && it["provisioningAction"] == "create"
    });
    let event = found.next().expect("dora was created");
    walk.line("12.6")
        .holds(found.next().is_none(), "she was created once");
    event
}

fn event_as_a_whole(walk: &Walk<'_>, event: &Json) {
    let configuration = &walk.configuration;
    let line = walk.line("12.6");
    line.contains(
        event,
        &json!({
            "activityDateTime": "2022-12-10T12:00:10.0000000Z",
            // The target tenant's, as the walk-through prints it.
            "tenantId": walk.target_id,
            "jobId": configuration.job,
            "provisioningAction": "create",
            "durationInMilliseconds": 0,
            "servicePrincipal": {"id": configuration.service_principal, "displayName": "Fabrikam"},
        }),
    );
    for key in ["id", "cycleId", "changeId"] {
        line.equal(text(event, key).len(), 36);
    }

    let line = walk.line("12.7");
    line.contains(
        &event["sourceSystem"],
        &json!({"displayName": "Azure Active Directory", "details": {}}),
    );
    line.contains(
        &event["targetSystem"],
        &json!({
            "displayName": "Azure Active Directory (target tenant)",
            "details": {
                "ApplicationId": configuration.app_id,
                "ServicePrincipalId": configuration.service_principal,
                "ServicePrincipalDisplayName": "Fabrikam",
            },
        }),
    );
    for system in ["sourceSystem", "targetSystem"] {
        line.holds(event[system]["id"].is_string(), "a system has an id");
    }

    walk.line("12.8").equal(
        &event["initiatedBy"],
        &json!({"id": "", "displayName": "Azure AD Provisioning Service", "initiatorType": "system"}),
    );

    let line = walk.line("12.9");
    line.equal(
        &event["sourceIdentity"],
        &json!({
            "id": walk.people.dora,
            "displayName": "dora",
            "identityType": "User",
            "details": {
                "id": walk.people.dora,
                "odatatype": "User",
                "DisplayName": "dora",
                "UserPrincipalName": "dora@contoso.example",
            },
        }),
    );
    line.contains(
        &event["targetIdentity"],
        &json!({"displayName": "", "identityType": "User", "details": {}}),
    );
    line.equal(text(&event["targetIdentity"], "id").len(), 36);

    walk.line("12.10").equal(
        &event["provisioningStatusInfo"],
        &json!({"status": "success", "errorInformation": null}),
    );
}

fn steps(walk: &Walk<'_>, event: &Json) {
    let (import, scoping) = (
        &event["provisioningSteps"][0],
        &event["provisioningSteps"][1],
    );
    let line = walk.line("12.11");
    line.contains(
        import,
        &json!({
            "name": "EntryImportAdd",
            "provisioningStepType": "import",
            "status": "success",
            "description":
                "Received User 'dora@contoso.example' change of type (Add) from Azure Active Directory",
            "details": {
                "objectId": walk.people.dora,
                "accountEnabled": "True",
                "department": "Marketing",
                "displayName": "dora",
                "mailNickname": "dora",
                "userPrincipalName": "dora@contoso.example",
                "showInAddressList": "",
                "alternativeSecurityIds": "None",
                "IsSoftDeleted": "False",
                "appRoleAssignments": "msiam_access",
            },
        }),
    );
    line.holds(
        !text(&import["details"], "netId").is_empty(),
        "netId is a text",
    );
    for step in event["provisioningSteps"].as_array().unwrap() {
        let details = step["details"].as_object().unwrap();
        line.holds(
            details.values().all(Json::is_string),
            &format!("texts only: {details:?}"),
        );
    }

    let line = walk.line("12.12");
    line.contains(
        scoping,
        &json!({
            "name": "EntrySynchronizationScoping",
            "provisioningStepType": "scoping",
            "status": "success",
            "description": "Determine if User in scope by evaluating against each scoping filter",
        }),
    );
    line.equal(
        &scoping["details"],
        &json!({
            "Active in the source system": "True",
            "Assigned to the application": "True",
            "User has the required role": "True",
            "Scoping filter evaluation passed": "True",
            "ScopeEvaluationResult": "{\"Marketing department filter.department EQUALS 'Marketing'\":true}",
        }),
    );
}

fn without_options(walk: &Walk<'_>) {
    let url = walk.v1("/auditLogs/provisioning");
    // 12.14: that it parses at all is that it is well formed.
    let log = walk.line("12.13, 12.14").ok(&walk.source.get(&url));
    let ids = each(&log, "id");
    // A page for each event leads to the same list.
    let paged: Vec<String> = walk
        .source
        .all(&format!("{url}?$top=1"))
        .iter()
        .map(|it| text(it, "id"))
        .collect();
    walk.line("12.13").equal(paged, ids);
}
