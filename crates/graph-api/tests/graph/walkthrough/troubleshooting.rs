//! The troubleshooting section: missing scopes and roles (T.1), and what the successor of the
//! walk-through adds (T.3). T.2 repeats lines of step 2.

use serde_json::{Value as Json, json};
use syncline_access::DirectoryRole;

use crate::world::{Client, World};

use super::callers::{Application, ROLES, SOURCE_SCOPES, everything, person};
use super::setup::{Configuration, GALLERY_TEMPLATE, PARTNERS, configure, employee, trust};

/// Method, URL, body, and whether the operation asks a signed-in person for a directory role.
type Request = (&'static str, String, Json, bool);

/// Every kind of request of the twelve steps.
fn requests(world: &World, configuration: &Configuration) -> Vec<Request> {
    let partner = format!("/v1.0{PARTNERS}/{}", world.tenants.fabrikam.id);
    let synchronization = format!("{partner}/identitySynchronization");
    let principal = format!(
        "/v1.0/servicePrincipals/{}",
        configuration.service_principal
    );
    let nobody = "01234567-89ab-4def-8123-456789abcdef";
    vec![
        (
            "GET",
            "/v1.0/policies/crossTenantAccessPolicy".to_owned(),
            Json::Null,
            true,
        ),
        ("GET", format!("/v1.0{PARTNERS}"), Json::Null, true),
        (
            "POST",
            format!("/v1.0{PARTNERS}"),
            json!({"tenantId": nobody}),
            true,
        ),
        ("GET", partner.clone(), Json::Null, true),
        (
            "PATCH",
            partner.clone(),
            json!({"inboundTrust": null}),
            true,
        ),
        ("DELETE", partner, Json::Null, true),
        ("GET", synchronization.clone(), Json::Null, true),
        (
            "PUT",
            synchronization.clone(),
            json!({"userSyncInbound": {"isSyncAllowed": true}}),
            true,
        ),
        (
            "PATCH",
            synchronization.clone(),
            json!({"userSyncInbound": {"isSyncAllowed": true}}),
            true,
        ),
        ("DELETE", synchronization, Json::Null, true),
        (
            "POST",
            format!("/v1.0/applicationTemplates/{GALLERY_TEMPLATE}/instantiate"),
            json!({"displayName": "X"}),
            true,
        ),
        (
            "GET",
            "/v1.0/servicePrincipals?$filter=displayName eq 'Fabrikam'".to_owned(),
            Json::Null,
            false,
        ),
        (
            "GET",
            format!("{principal}?$select=appRoles"),
            Json::Null,
            false,
        ),
        (
            "POST",
            configuration.url("/jobs/validateCredentials"),
            json!({"templateId": "Azure2Azure", "useSavedCredentials": true}),
            true,
        ),
        ("GET", configuration.url(""), Json::Null, true),
        ("GET", configuration.url("/templates"), Json::Null, true),
        ("GET", configuration.url("/jobs"), Json::Null, true),
        (
            "POST",
            configuration.url("/jobs"),
            json!({"templateId": "Azure2Azure"}),
            true,
        ),
        ("GET", configuration.job_url(""), Json::Null, true),
        (
            "PATCH",
            configuration.job_url(""),
            json!({"schedule": {"interval": "PT5M"}}),
            true,
        ),
        ("GET", configuration.job_url("/schema"), Json::Null, true),
        ("PUT", configuration.job_url("/schema"), json!({}), true),
        ("PATCH", configuration.job_url("/schema"), json!({}), true),
        ("DELETE", configuration.job_url("/schema"), Json::Null, true),
        ("GET", configuration.url("/secrets"), Json::Null, true),
        (
            "PUT",
            configuration.url("/secrets"),
            json!({"value": []}),
            true,
        ),
        (
            "POST",
            format!("{principal}/appRoleAssignedTo"),
            json!({}),
            true,
        ),
        (
            "POST",
            configuration.job_url("/provisionOnDemand"),
            json!({}),
            true,
        ),
        ("POST", configuration.job_url("/start"), Json::Null, true),
        ("POST", configuration.job_url("/pause"), Json::Null, true),
        ("POST", configuration.job_url("/restart"), Json::Null, true),
        ("DELETE", configuration.job_url(""), Json::Null, true),
        (
            "GET",
            "/v1.0/auditLogs/provisioning".to_owned(),
            Json::Null,
            true,
        ),
        (
            "GET",
            "/v1.0/auditLogs/provisioning/$count".to_owned(),
            Json::Null,
            true,
        ),
        (
            "GET",
            format!("/v1.0/auditLogs/provisioning/{nobody}"),
            Json::Null,
            true,
        ),
    ]
}

fn send(client: &Client<'_>, (method, url, body, _): &Request) -> crate::world::Answer {
    let body = if body.is_null() {
        Vec::new()
    } else {
        body.to_string().into_bytes()
    };
    client.send(method, url, body)
}

#[track_caller]
fn is_denied(client: &Client<'_>, request: &Request, who: &str) {
    let answer = send(client, request);
    assert_eq!(
        answer.status,
        403,
        "T.1: {who}: {} {}: {}",
        request.0,
        request.1,
        answer.text()
    );
    let error = answer.problem(403, "Authorization_RequestDenied");
    assert_eq!(
        error["message"],
        "Insufficient privileges to complete the operation."
    );
}

#[test]
fn a_missing_scope_is_denied() {
    let world = World::new();
    let configuration = configure(&world);
    let boss = person(&world, "contoso", "boss");
    let contoso = world.tenants.contoso.id;
    let client = world.signed_in_to(
        contoso,
        &boss,
        &["User.Read"],
        &[DirectoryRole::GlobalAdministrator],
    );
    let application = Application::register(&world, "contoso", &["User.Read.All"]).client(&world);
    let nothing = Application::register(&world, "contoso", &[]).client(&world);
    for request in requests(&world, &configuration) {
        is_denied(
            &client,
            &request,
            "a global administrator without the scope",
        );
        is_denied(
            &application,
            &request,
            "an application with another permission",
        );
        is_denied(&nothing, &request, "an application without permissions");
    }
}

#[test]
fn a_missing_role_is_denied() {
    let world = World::new();
    let configuration = configure(&world);
    let contoso = world.tenants.contoso.id;
    let ada = person(&world, "contoso", "ada");
    let bea = person(&world, "contoso", "bea");
    let nobody = world.signed_in_to(contoso, &ada, &SOURCE_SCOPES, &[]);
    let inviter = world.signed_in_to(
        contoso,
        &bea,
        &SOURCE_SCOPES,
        &[DirectoryRole::GuestInviter],
    );
    for request in requests(&world, &configuration) {
        if request.3 {
            is_denied(&nobody, &request, "the scopes without a role");
            is_denied(
                &inviter,
                &request,
                "the scopes with a role for something else",
            );
        } else {
            send(&nobody, &request).ok();
        }
    }
}

#[test]
fn the_scope_of_one_family_does_not_open_another() {
    let world = World::new();
    let configuration = configure(&world);
    let policies =
        Application::register(&world, "contoso", &["Policy.ReadWrite.CrossTenantAccess"])
            .client(&world);
    let jobs =
        Application::register(&world, "contoso", &["Synchronization.ReadWrite.All"]).client(&world);
    let logs =
        Application::register(&world, "contoso", &["ProvisioningLog.Read.All"]).client(&world);
    for request in requests(&world, &configuration) {
        let url = &request.1;
        let family = |part: &str| url.contains(part);
        for (client, mine, who) in [
            (&policies, family("/policies/"), "policies"),
            (&jobs, family("/synchronization"), "synchronization"),
            (&logs, family("/auditLogs/"), "logs"),
        ] {
            if mine {
                let status = send(client, &request).status;
                assert_ne!(status, 403, "{who}: {} {url}", request.0);
            } else {
                is_denied(client, &request, who);
            }
            // Deleted on the way by whoever may: back for the next one.
            if mine && request.0 == "DELETE" && url.ends_with(&configuration.job) {
                everything(&world, "contoso")
                    .post(
                        &configuration.url("/jobs"),
                        json!({"templateId": "Azure2Azure"}),
                    )
                    .created();
            }
        }
    }
}

#[test]
fn reading_does_not_include_writing() {
    let world = World::new();
    let configuration = configure(&world);
    let reader = Application::register(
        &world,
        "contoso",
        &[
            "Policy.Read.All",
            "Synchronization.Read.All",
            "AuditLog.Read.All",
            "Application.Read.All",
        ],
    );
    let reader = reader.client(&world);
    for request in requests(&world, &configuration) {
        match request.0 {
            "GET" => assert_ne!(send(&reader, &request).status, 403, "{}", request.1),
            _ => is_denied(&reader, &request, "a reader"),
        }
    }
}

/// Each of the three roles opens its own family, and the target's side needs one of them only.
#[test]
fn each_role_opens_its_family() {
    let world = World::new();
    let configuration = configure(&world);
    let contoso = world.tenants.contoso.id;
    let families = [
        (
            DirectoryRole::SecurityAdministrator,
            format!("/v1.0{PARTNERS}"),
            configuration.url("/jobs"),
        ),
        (
            DirectoryRole::HybridIdentityAdministrator,
            configuration.url("/jobs"),
            format!("/v1.0{PARTNERS}"),
        ),
        (
            DirectoryRole::CloudApplicationAdministrator,
            configuration.url("/secrets"),
            format!("/v1.0{PARTNERS}"),
        ),
    ];
    for (at, (role, open, closed)) in families.iter().enumerate() {
        let user = person(&world, "contoso", &format!("admin{at}"));
        let client = world.signed_in_to(contoso, &user, &SOURCE_SCOPES, &[*role]);
        client.get(open).ok();
        client
            .get(closed)
            .problem(403, "Authorization_RequestDenied");
        // All three may look at the log.
        client.get("/v1.0/auditLogs/provisioning").ok();
    }
}

#[test]
fn a_global_reader_reads_configuration_unless_strict() {
    for (world, status) in [(World::new(), 200), (World::strict(), 403)] {
        let configuration = configure(&world);
        let user = person(&world, "contoso", "reader");
        let scopes = ["Synchronization.ReadWrite.All"];
        let client = world.signed_in_to(
            world.tenants.contoso.id,
            &user,
            &scopes,
            &[DirectoryRole::GlobalReader],
        );
        assert_eq!(client.get(&configuration.url("/jobs")).status, status);
        client
            .send("POST", &configuration.job_url("/start"), Vec::new())
            .problem(403, "Authorization_RequestDenied");
    }
}

/// Authentication comes first, whatever is asked for.
#[test]
fn no_token_no_answer() {
    let world = World::new();
    let configuration = configure(&world);
    for request in requests(&world, &configuration) {
        let answer = send(&world.anonymous(), &request);
        answer.problem(401, "InvalidAuthenticationToken");
    }
    world.clock.advance_seconds(2 * 3600);
    for request in requests(&world, &configuration) {
        send(&world.contoso(), &request).problem(401, "InvalidAuthenticationToken");
    }
}

#[test]
fn signing_in_with_a_scope_for_logs_is_fine() {
    let world = World::new();
    trust(&world);
    let configuration = configure(&world);
    let ada = employee(&world, "ada", "Marketing");
    configuration.assign(&world, &ada);
    let admin = person(&world, "contoso", "admin");
    let scopes: Vec<&str> = SOURCE_SCOPES
        .into_iter()
        .chain(["AuditLog.Read.All"])
        .collect();
    let client = world.signed_in_to(world.tenants.contoso.id, &admin, &scopes, &ROLES);
    let answer = client.post(
        &configuration.job_url("/provisionOnDemand"),
        configuration.on_demand(&ada),
    );
    answer.ok();
    assert_eq!(client.all("/v1.0/auditLogs/provisioning").len(), 1, "T.3");

    // Alone it reads the log, and nothing else.
    let user = person(&world, "contoso", "auditor");
    let client = world.signed_in_to(
        world.tenants.contoso.id,
        &user,
        &["AuditLog.Read.All"],
        &[DirectoryRole::ReportsReader],
    );
    assert_eq!(client.all("/v1.0/auditLogs/provisioning").len(), 1, "T.3");
    client
        .get(&configuration.url("/jobs"))
        .problem(403, "Authorization_RequestDenied");
}
