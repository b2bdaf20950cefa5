//! Which job a URL speaks of.

use serde_json::json;

use crate::walkthrough::callers::everything;
use crate::walkthrough::setup::{configure, instantiate};
use crate::world::{World, each, id};

#[test]
fn jobs_are_listed_counted_and_filtered() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    let jobs = configuration.url("/jobs");
    let list = admin
        .get(&format!(
            "{jobs}?$filter=templateId eq 'Azure2Azure'&$count=true"
        ))
        .ok();
    assert_eq!(each(&list, "id"), [configuration.job.as_str()]);
    assert_eq!(list["@odata.count"], 1);
    assert_eq!(
        admin
            .all(&format!("{jobs}?$filter=templateId eq 'Slack'"))
            .len(),
        0
    );
    assert_eq!(admin.get(&format!("{jobs}/$count")).text(), "1");
    for filter in [
        "id eq 'x'",
        "templateId eq 'Azure2Azure' or templateId eq 'Slack'",
        "templateId eq 'Azure2Azure' and id ne ''",
        "(templateId eq 'Azure2Azure')",
    ] {
        for list in ["", "/$count"] {
            admin
                .get(&format!("{jobs}{list}?$filter={filter}"))
                .problem(400, "Request_UnsupportedQuery");
        }
    }
    let selected = admin
        .get(&format!("{}?$select=templateId", configuration.job_url("")))
        .ok();
    assert_eq!(
        crate::world::names(&selected),
        ["@odata.context", "templateId"]
    );
}

#[test]
fn an_application_id_leads_to_the_same_job() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    for owner in [
        format!("applications/{}", configuration.application),
        format!("applications/{}", configuration.service_principal),
        format!("applications(appId='{}')", configuration.app_id),
        format!("servicePrincipals(appId='{}')", configuration.app_id),
        format!("servicePrincipals('{}')", configuration.service_principal),
    ] {
        let url = format!("/beta/{owner}/synchronization/jobs/{}/", configuration.job);
        assert_eq!(id(&admin.get(&url).ok()), configuration.job, "{url}");
    }
    let wrong = format!(
        "/v1.0/servicePrincipals/{}/synchronization/jobs",
        configuration.application
    );
    admin.get(&wrong).problem(404, "Request_ResourceNotFound");
}

#[test]
fn a_job_of_another_service_principal_is_not_found() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    let other = instantiate(&admin, "contoso");
    let job = |tail: &str| other.url(&format!("/jobs/{}{tail}", configuration.job));
    admin.get(&job("")).problem(404, "Request_ResourceNotFound");
    admin
        .get(&job("/schema"))
        .problem(404, "Request_ResourceNotFound");
    for action in ["start", "pause", "restart"] {
        admin
            .send("POST", &job(&format!("/{action}")), Vec::new())
            .problem(404, "Request_ResourceNotFound");
    }
    admin
        .patch(&job(""), json!({"schedule": {"interval": "PT5M"}}))
        .problem(404, "Request_ResourceNotFound");
    admin
        .delete(&job(""))
        .problem(404, "Request_ResourceNotFound");
    admin.get(&configuration.job_url("")).ok();
}

#[test]
fn unknown_principals_and_jobs_are_not_found() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    let nobody = "01234567-89ab-4def-8123-456789abcdef";
    for url in [
        format!("/v1.0/servicePrincipals/{nobody}/synchronization/jobs"),
        "/v1.0/servicePrincipals/no-guid/synchronization/jobs".to_owned(),
        format!("/v1.0/applications/{nobody}/synchronization/jobs"),
        format!("/v1.0/servicePrincipals(appId='{nobody}')/synchronization/jobs"),
        configuration.url("/jobs/Azure2Azure.nobody"),
        configuration.url("/templates/Slack"),
    ] {
        admin.get(&url).problem(404, "Request_ResourceNotFound");
    }
    admin
        .delete(&format!(
            "/v1.0/servicePrincipals/{}",
            configuration.service_principal
        ))
        .no_content();
    admin
        .get(&configuration.url("/jobs"))
        .problem(404, "Request_ResourceNotFound");
    admin
        .get(&configuration.url("/secrets"))
        .problem(404, "Request_ResourceNotFound");
}
