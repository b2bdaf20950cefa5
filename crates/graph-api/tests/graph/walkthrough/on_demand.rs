//! `provisionOnDemand` beyond step 10: who can not be provisioned, and what is refused.

use serde_json::{Value as Json, json};

use crate::world::{World, person, text};

use super::callers::everything;
use super::setup::{
    Configuration, PARTNERS, configure, employee, instantiate, on_demand_result, synchronized,
    trust,
};

const NOBODY: &str = "01234567-89ab-4def-8123-456789abcdef";

fn ready(world: &World) -> Configuration {
    trust(world);
    configure(world)
}

#[test]
fn a_disabled_person_is_skipped() {
    let world = World::new();
    let configuration = ready(&world);
    let mut body = person("eve");
    body["accountEnabled"] = false.into();
    let admin = everything(&world, "contoso");
    let eve = crate::world::id(&admin.post("/v1.0/users", body).created());
    configuration.assign(&world, &eve);
    let result = on_demand_result(
        &admin
            .post(
                &configuration.job_url("/provisionOnDemand"),
                configuration.on_demand(&eve),
            )
            .ok(),
    );
    assert_eq!(result["statusInfo"]["status"], "Skipped", "{result:#}");
    assert!(synchronized(&world, "fabrikam").is_empty());
}

#[test]
fn a_rule_is_the_same_in_whatever_letters_its_id_is_sent() {
    let world = World::new();
    let configuration = ready(&world);
    let admin = everything(&world, "contoso");
    let schema = configuration.job_url("/schema");
    let mut sent = admin.get(&schema).ok();
    let id = &mut sent["synchronizationRules"][0]["id"];
    *id = configuration.rule.to_uppercase().into();
    admin.put(&schema, sent).no_content();
    let stored = &admin.get(&schema).ok()["synchronizationRules"][0]["id"];
    assert_eq!(*stored, *configuration.rule);

    let ada = employee(&world, "ada", "Marketing");
    configuration.assign(&world, &ada);
    for rule in [
        configuration.rule.clone(),
        configuration.rule.to_uppercase(),
    ] {
        let mut body = configuration.on_demand(&ada);
        body["parameters"][0]["ruleId"] = rule.into();
        let url = configuration.job_url("/provisionOnDemand");
        on_demand_result(&admin.post(&url, body).ok());
    }
}

#[test]
fn an_update_says_what_changed() {
    let world = World::new();
    let configuration = ready(&world);
    let ada = employee(&world, "ada", "Marketing");
    configuration.assign(&world, &ada);
    let admin = everything(&world, "contoso");
    let call = || {
        on_demand_result(
            &admin
                .post(
                    &configuration.job_url("/provisionOnDemand"),
                    configuration.on_demand(&ada),
                )
                .ok(),
        )
    };
    assert_eq!(call()["action"], "Create");
    admin
        .patch(
            &format!("/v1.0/users/{ada}"),
            json!({"department": "Sales"}),
        )
        .no_content();
    let result = call();
    assert_eq!(result["action"], "Update", "{result:#}");
    assert_eq!(
        result["modifiedProperties"],
        json!([{"displayName": "department", "oldValue": "Marketing", "newValue": "Sales"}])
    );
}

#[test]
fn unknown_people_rules_and_jobs_are_not_found() {
    let world = World::new();
    let configuration = ready(&world);
    let ada = employee(&world, "ada", "Marketing");
    let admin = everything(&world, "contoso");
    let url = configuration.job_url("/provisionOnDemand");
    admin
        .post(&url, configuration.on_demand(NOBODY))
        .problem(404, "Request_ResourceNotFound");
    // Somebody of the target tenant is nobody here.
    let theirs = super::callers::person(&world, "fabrikam", "zoe");
    admin
        .post(&url, configuration.on_demand(&theirs))
        .problem(404, "Request_ResourceNotFound");
    let mut body = configuration.on_demand(&ada);
    body["parameters"][0]["ruleId"] = NOBODY.into();
    admin.post(&url, body).problem(404, "ResourceNotFound");
    let other = instantiate(&admin, "contoso");
    let foreign = other.url(&format!("/jobs/{}/provisionOnDemand", configuration.job));
    admin
        .post(&foreign, configuration.on_demand(&ada))
        .problem(404, "Request_ResourceNotFound");
}

#[test]
fn bodies_of_another_shape_are_refused() {
    let world = World::new();
    let configuration = ready(&world);
    let ada = employee(&world, "ada", "Marketing");
    let admin = everything(&world, "contoso");
    let rule = &configuration.rule;
    let subject = json!({"objectId": ada, "objectTypeName": "User"});
    let subjects = |subjects: Json| json!({"parameters": [{"ruleId": rule, "subjects": subjects}]});
    let links = |links: Json, kind: &str| {
        subjects(json!([{"objectId": ada, "objectTypeName": kind, "links": links}]))
    };
    for body in [
        json!({}),
        json!({"parameters": []}),
        json!({"parameters": {}}),
        json!({"parameters": [{"subjects": [subject]}]}),
        json!({"parameters": [{"ruleId": rule}]}),
        subjects(json!([])),
        subjects(json!([1])),
        subjects(json!([{"objectId": ada}])),
        subjects(json!([{"objectTypeName": "User"}])),
        subjects(json!([{"objectId": "ada", "objectTypeName": "User"}])),
        subjects(json!([{"objectId": ada, "objectTypeName": "Worker"}])),
        subjects(json!([
            subject, subject, subject, subject, subject, subject
        ])),
        links(json!({"members": [subject]}), "User"),
        links(json!({"members": {}}), "Group"),
        links(json!({"members": [{"objectId": ada}]}), "Group"),
        links(
            json!({"members": [subject, subject, subject, subject, subject, subject]}),
            "Group",
        ),
        links(json!({"manager": subject}), "User"),
        links(json!({"owners": [subject]}), "Group"),
        links(json!({"nonsense": []}), "Group"),
        links(json!([]), "Group"),
        json!({"parameters": [{"ruleId": rule, "subjects": [subject], "nonsense": 1}]}),
        json!({"ruleId": rule, "subjects": []}),
    ] {
        admin
            .post(&configuration.job_url("/provisionOnDemand"), body)
            .problem(400, "Request_BadRequest");
    }
    admin
        .send(
            "POST",
            &configuration.job_url("/provisionOnDemand"),
            Vec::new(),
        )
        .problem(400, "BadRequest");
    // An empty list asks for nothing, as null does; and what was refused did not count against the limit.
    let nothing = json!({"members": null, "manager": null, "owners": []});
    admin
        .post(
            &configuration.job_url("/provisionOnDemand"),
            links(nothing, "User"),
        )
        .ok();
    for _ in 0..4 {
        admin
            .post(
                &configuration.job_url("/provisionOnDemand"),
                configuration.on_demand(&ada),
            )
            .ok();
    }
}

#[test]
fn a_body_without_parameters_is_told_that_they_are_missing() {
    let world = World::new();
    let configuration = ready(&world);
    let admin = everything(&world, "contoso");
    for (body, missing) in [
        (json!({}), "parameters"),
        (json!({"parameters": []}), "parameters"),
        (json!({"parameters": null}), "parameters"),
        (json!({"subjects": []}), "ruleId"),
    ] {
        let error = admin
            .post(&configuration.job_url("/provisionOnDemand"), body)
            .problem(400, "Request_BadRequest");
        assert_eq!(
            error["message"],
            format!("A value is required for property '{missing}'.")
        );
        assert_eq!(error["details"][0]["target"], missing);
    }
}

#[test]
fn several_parameters_of_a_request_count_once() {
    let world = World::new();
    let configuration = ready(&world);
    let people: Vec<String> = ["ada", "bea", "cleo"]
        .iter()
        .map(|name| employee(&world, name, "Marketing"))
        .collect();
    for person in &people {
        configuration.assign(&world, person);
    }
    let parameters: Vec<Json> = people
        .iter()
        .map(|person| configuration.on_demand(person)["parameters"][0].clone())
        .collect();
    let admin = everything(&world, "contoso");
    for _ in 0..5 {
        let answer = admin
            .post(
                &configuration.job_url("/provisionOnDemand"),
                json!({"parameters": parameters}),
            )
            .ok();
        let value: Json = serde_json::from_str(&text(&answer, "value")).unwrap();
        assert_eq!(value.as_array().unwrap().len(), 3);
    }
    assert_eq!(synchronized(&world, "fabrikam").len(), 3);
}

#[test]
fn nobody_is_provisioned_when_one_rule_of_the_request_is_unknown() {
    let world = World::new();
    let configuration = ready(&world);
    let parameters: Vec<Json> = ["ada", "bea"]
        .iter()
        .map(|name| {
            let person = employee(&world, name, "Marketing");
            configuration.assign(&world, &person);
            configuration.on_demand(&person)["parameters"][0].clone()
        })
        .collect();
    let admin = everything(&world, "contoso");
    let url = configuration.job_url("/provisionOnDemand");
    let mut wrong = parameters.clone();
    wrong[1]["ruleId"] = NOBODY.into();
    let error = admin
        .post(&url, json!({"parameters": wrong}))
        .problem(404, "ResourceNotFound");
    assert!(error["message"].as_str().unwrap().contains(NOBODY));
    assert!(synchronized(&world, "fabrikam").is_empty());
    // It counted as one call.
    for _ in 0..4 {
        admin.post(&url, json!({"parameters": parameters})).ok();
    }
    admin
        .post(&url, json!({"parameters": parameters}))
        .problem(429, "TooManyRequests");
    assert_eq!(synchronized(&world, "fabrikam").len(), 2);
}

#[test]
fn the_limit_is_of_each_job() {
    let world = World::new();
    let configuration = ready(&world);
    let other = configure(&world);
    let ada = employee(&world, "ada", "Marketing");
    let admin = everything(&world, "contoso");
    let call =
        |it: &Configuration| admin.post(&it.job_url("/provisionOnDemand"), it.on_demand(&ada));
    for _ in 0..5 {
        call(&configuration).ok();
    }
    call(&configuration).problem(429, "TooManyRequests");
    call(&other).ok();
}

#[test]
fn a_group_is_not_synchronized_by_default() {
    let world = World::new();
    let configuration = ready(&world);
    let group = world.group("team");
    let body = json!({"parameters": [{
        "ruleId": configuration.rule,
        "subjects": [{"objectId": group, "objectTypeName": "Group", "links": {"members": []}}],
    }]});
    let admin = everything(&world, "contoso");
    let result = on_demand_result(
        &admin
            .post(&configuration.job_url("/provisionOnDemand"), body)
            .ok(),
    );
    assert_eq!(
        (
            &result["statusInfo"]["status"],
            &result["statusInfo"]["errorCode"]
        ),
        (&json!("Skipped"), &json!("EntityTypeNotSupported"))
    );
}

#[test]
fn a_job_without_credentials_says_what_is_missing() {
    let world = World::new();
    trust(&world);
    let configuration = configure(&world);
    let ada = employee(&world, "ada", "Marketing");
    let admin = everything(&world, "contoso");
    let remove = json!({"value": [{"key": "CompanyId", "value": ""}]});
    admin
        .put(&configuration.url("/secrets"), remove)
        .no_content();
    let answer = admin.post(
        &configuration.job_url("/provisionOnDemand"),
        configuration.on_demand(&ada),
    );
    assert!(
        answer.problem(400, "CredentialsMissing")["message"]
            .as_str()
            .unwrap()
            .contains("CompanyId")
    );
}

#[test]
fn a_trust_withdrawn_stops_it_at_once() {
    let world = World::new();
    let configuration = ready(&world);
    let admin = everything(&world, "contoso");
    let target = everything(&world, "fabrikam");
    let (source_id, target_id) = (world.tenants.contoso.id, world.tenants.fabrikam.id);
    let inbound = format!("/v1.0{PARTNERS}/{source_id}");
    let outbound = format!("/v1.0{PARTNERS}/{target_id}");
    let redeem = |side: &str, it: bool| json!({"automaticUserConsentSettings": {side: it}});
    for (at, name) in ["ada", "bea", "cleo"].iter().enumerate() {
        let person = employee(&world, name, "Marketing");
        configuration.assign(&world, &person);
        match at {
            0 => target
                .patch(&inbound, redeem("inboundAllowed", false))
                .no_content(),
            1 => admin
                .patch(&outbound, redeem("outboundAllowed", false))
                .no_content(),
            _ => target
                .delete(&format!("{inbound}/identitySynchronization"))
                .no_content(),
        }
        let answer = admin.post(
            &configuration.job_url("/provisionOnDemand"),
            configuration.on_demand(&person),
        );
        answer.problem(400, "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure");
        assert!(synchronized(&world, "fabrikam").is_empty());
        target
            .patch(&inbound, redeem("inboundAllowed", true))
            .no_content();
        admin
            .patch(&outbound, redeem("outboundAllowed", true))
            .no_content();
    }
}

#[test]
fn a_group_comes_with_the_members_that_are_named() {
    let world = World::new();
    let configuration = ready(&world);
    let admin = everything(&world, "contoso");
    let fabrikam = everything(&world, "fabrikam");
    let contoso = super::callers::tenant_of(&world, "contoso").id;
    let allowed = json!({"groupSyncInbound": {"isSyncAllowed": true}});
    let policy = format!("/v1.0{PARTNERS}/{contoso}/identitySynchronization");
    fabrikam.patch(&policy, allowed).no_content();
    let mut schema = admin.get(&configuration.job_url("/schema")).ok();
    for mapping in schema["synchronizationRules"][0]["objectMappings"]
        .as_array_mut()
        .unwrap()
    {
        mapping["enabled"] = true.into();
    }
    admin
        .put(&configuration.job_url("/schema"), schema)
        .no_content();
    configuration.synchronize_all(&world);
    let people = ["ada", "bea", "cleo"].map(|name| employee(&world, name, "Marketing"));
    let members = people
        .iter()
        .map(|id| format!("https://graph.microsoft.com/v1.0/directoryObjects/{id}"));
    let group = json!({
        "displayName": "Marketing", "mailEnabled": false, "mailNickname": "marketing", "securityEnabled": true,
        "members@odata.bind": members.collect::<Vec<_>>(),
    });
    let group = crate::world::id(&admin.post("/v1.0/groups", group).created());
    let named: Vec<Json> = people[..2]
        .iter()
        .map(|id| json!({"objectId": id, "objectTypeName": "User"}))
        .collect();
    let body = json!({"parameters": [{"ruleId": configuration.rule, "subjects": [{
        "objectId": group, "objectTypeName": "Group", "links": {"manager": null, "members": named},
    }]}]});
    let answer = admin
        .post(&configuration.job_url("/provisionOnDemand"), body)
        .ok();
    let value: Json = serde_json::from_str(&text(&answer, "value")).unwrap();
    let actions: Vec<(&str, &str)> = value
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let id = it["sourceIdentity"]["id"].as_str().unwrap();
            (id, it["action"].as_str().unwrap())
        })
        .collect();
    let expected = [
        (people[0].as_str(), "Create"),
        (&people[1], "Create"),
        (&group, "Create"),
        (&group, "Update"),
    ];
    assert_eq!(actions, expected, "{value:#}");
    let groups = fabrikam.all("/v1.0/groups?$filter=displayName eq 'Marketing'");
    let there = crate::world::id(&groups[0]);
    let members = fabrikam.all(&format!("/v1.0/groups/{there}/members"));
    let mut names: Vec<String> = members.iter().map(|it| text(it, "displayName")).collect();
    names.sort();
    assert_eq!(names, ["ada", "bea"]);
}
