//! Query options of configurations, jobs, templates and schemas.

use serde_json::Value as Json;

use crate::world::{Answer, World, each, id, names, text};

use super::callers::everything;
use super::setup::{configure, instantiate};

fn without_context(mut entity: Json) -> Json {
    entity.as_object_mut().unwrap().remove("@odata.context");
    entity
}

#[test]
fn a_configuration_is_shown_with_its_jobs_and_templates() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    let plain = admin.get(&configuration.url("")).ok();
    assert_eq!(names(&plain), ["@odata.context", "id"]);
    let job = without_context(admin.get(&configuration.job_url("")).ok());
    let template = &admin.get(&configuration.url("/templates")).ok()["value"][0];
    let both = admin
        .get(&configuration.url("?$expand=jobs,templates($select=id)&$select=id"))
        .ok();
    assert_eq!(both["jobs"], serde_json::json!([job]));
    assert_eq!(
        both["templates"],
        serde_json::json!([{"id": template["id"]}])
    );
    let other = instantiate(&admin, "contoso");
    let none = admin.get(&other.url("?$expand=Jobs")).ok();
    assert_eq!(none["jobs"], serde_json::json!([]));
}

#[test]
fn jobs_and_templates_are_shown_with_their_schema() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    for url in [
        configuration.job_url(""),
        configuration.url("/templates/Azure2Azure"),
    ] {
        let schema = without_context(admin.get(&format!("{url}/schema")).ok());
        let one = admin.get(&format!("{url}?$expand=schema")).ok();
        assert_eq!(one["schema"], schema, "{url}");
        assert_eq!(one["id"], admin.get(&url).ok()["id"]);
        let (list, _) = url.rsplit_once('/').unwrap();
        let list = admin
            .get(&format!(
                "{list}?$expand=schema($select=id)&$select=id&$count=true&$top=5"
            ))
            .ok();
        assert_eq!(list["@odata.count"], 1);
        assert_eq!(names(&list["value"][0]), ["id", "schema"]);
        assert_eq!(names(&list["value"][0]["schema"]), ["id"]);
        let selected = admin.get(&format!("{url}?$select=id")).ok();
        assert_eq!(names(&selected), ["@odata.context", "id"]);
        let selected = admin
            .get(&format!(
                "{url}/schema?$select=id,version&$expand=directories"
            ))
            .ok();
        assert!(names(&selected).contains(&"directories"), "{selected}");
        assert!(
            !names(&selected).contains(&"synchronizationRules"),
            "{selected}"
        );
    }
}

#[test]
fn templates_are_filtered() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    let found = |filter: &str| {
        let url = configuration.url(&format!("/templates?$filter={filter}"));
        each(&admin.get(&url).ok(), "id").len()
    };
    assert_eq!(found("factoryTag eq 'Azure2Azure'"), 1);
    assert_eq!(found("id eq 'Azure2Azure'"), 1);
    assert_eq!(found("factoryTag eq 'x'"), 0);
    assert_eq!(found("id eq 'Slack'"), 0);
    for filter in [
        "default eq true",
        "factoryTag ne 'x'",
        "factoryTag",
        "factoryTag eq Azure2Azure",
        "id eq 'Azure2Azure' and factoryTag eq 'Azure2Azure'",
    ] {
        admin
            .get(&configuration.url(&format!("/templates?$filter={filter}")))
            .problem(400, "Request_UnsupportedQuery");
    }
}

#[test]
fn what_is_not_honoured_is_refused_by_name() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    let job = id(&admin.get(&configuration.job_url("")).ok());
    for (tail, name) in [
        ("?$expand=secrets", "secrets"),
        ("?$expand=jobs($expand=schema)", "$expand"),
        ("?$filter=id eq 'x'", "$filter"),
        ("/jobs?$orderby=id", "$orderby"),
        ("/jobs?$search=x", "$search"),
        ("/jobs?$skip=1", "$skip"),
        ("/jobs?$expand=bulkUpload", "bulkUpload"),
        ("/jobs?$expand=schema($top=1)", "$top"),
        ("/jobs?$select=nonsense", "nonsense"),
        (&format!("/jobs/{job}?$filter=id eq 'x'"), "$filter"),
        (&format!("/jobs/{job}?$top=1"), "$top"),
        (&format!("/jobs/{job}?$expand=nonsense"), "nonsense"),
        (&format!("/jobs/{job}/schema?$expand=nonsense"), "nonsense"),
        (&format!("/jobs/{job}/schema?$select=nonsense"), "nonsense"),
        (&format!("/jobs/{job}/schema?$filter=id eq 'x'"), "$filter"),
        ("/secrets?$filter=key eq 'BaseAddress'", "$filter"),
        ("/secrets?$orderby=key", "$orderby"),
        ("/secrets/$count?$filter=key eq 'BaseAddress'", "$filter"),
        (
            &format!("/jobs/{job}/schema/functions?$filter=name eq 'Join'"),
            "$filter",
        ),
        (&format!("/jobs/{job}/schema/functions?$top=1"), "$top"),
        (
            &format!("/jobs/{job}/schema/filterOperators?$skip=1"),
            "$skip",
        ),
        (
            &format!("/jobs/{job}/schema/filterOperators?$top=0"),
            "$top",
        ),
        (&format!("/jobs/{job}/schema/previous?$search=x"), "$search"),
        (
            &format!("/jobs/{job}/schema/previous/$count?$filter=id eq '1'"),
            "$filter",
        ),
        (&format!("/jobs/{job}/schema/previous/1?$top=1"), "$top"),
        ("/templates?$orderby=id", "$orderby"),
        ("/templates/Azure2Azure?$expand=nonsense", "nonsense"),
        ("/templates/Azure2Azure/schema?$orderby=id", "$orderby"),
    ] {
        let answer = admin.get(&configuration.url(tail));
        assert_eq!(answer.status, 400, "{tail}: {}", answer.text());
        let message = answer.json()["error"]["message"].to_string();
        assert!(message.contains(&format!("'{name}'")), "{tail}: {message}");
    }
    // A job is not made when the answer could not be shown.
    let other = instantiate(&admin, "contoso");
    admin
        .post(
            &other.url("/jobs?$select=nonsense"),
            serde_json::json!({"templateId": "Azure2Azure"}),
        )
        .problem(400, "BadRequest");
    assert_eq!(admin.get(&other.url("/jobs/$count")).text(), "0");
}

/// What a policy or a tenant says is one thing, and what extensions there are is told as a whole.
#[test]
fn what_is_not_honoured_of_policies_and_tenants_is_refused_by_name() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let other = world.tenants.fabrikam.id;
    let policy = "/v1.0/policies/crossTenantAccessPolicy";
    let tenants = "/v1.0/tenantRelationships";
    let refused = |answer: Answer, name: &str| {
        let error = answer.problem(400, "Request_UnsupportedQuery");
        assert!(
            text(&error, "message").contains(&format!("'${name}'")),
            "{error}"
        );
    };
    for (url, name, value) in [
        (policy.to_owned(), "filter", "id eq 'x'"),
        (format!("{policy}/default"), "top", "1"),
        (
            format!("{policy}/partners/{other}/identitySynchronization"),
            "orderby",
            "tenantId",
        ),
        (
            format!("{tenants}/findTenantInformationByTenantId(tenantId='{other}')"),
            "filter",
            "displayName eq 'x'",
        ),
        (
            format!("{tenants}/findTenantInformationByDomainName(domainName='fabrikam.example')"),
            "skip",
            "1",
        ),
    ] {
        refused(admin.get(&format!("{url}?${name}={value}")), name);
    }
    let extensions = "/v1.0/directoryObjects/getAvailableExtensionProperties";
    let filter = format!("{extensions}?$filter=name eq 'x'");
    refused(admin.post(&filter, serde_json::json!({})), "filter");
    // As many as there are, or more.
    admin
        .post(&format!("{extensions}?$top=5"), serde_json::json!({}))
        .ok();
    let functions = configure(&world).job_url("/schema/functions?$top=999&$select=name");
    assert_eq!(
        each(&admin.get(&functions).ok(), "name").len(),
        syncline_expression::functions().len()
    );
}
