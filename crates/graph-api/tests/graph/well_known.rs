//! The service principals of Microsoft's applications, and where codes of others are sent: whoever
//! manages applications makes nobody's tokens his own with them.

use serde_json::{Value as Json, json};
use syncline_access::{DirectoryRole, client_secrets};
use syncline_model::{Clock as _, ObjectId};

use crate::world::{Client, World, id, reference, text};

const GRAPH: &str = "/v1.0/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')";
const PRINCIPALS: &str = "/v1.0/servicePrincipals";
const AZURE_CLI: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
const POWERSHELL: &str = "/v1.0/servicePrincipals(appId='14d82eec-204b-4c2f-b7e8-296a70dab67e')";

/// A Global Administrator, an Application Administrator, an application that manages others, and one that
/// acts for the Global Administrator with what the Application Administrator may consent to for all.
fn managers(world: &World) -> [Client<'_>; 4] {
    let (boss, ann) = (world.user("boss"), world.user("ann"));
    let scopes = ["Application.ReadWrite.All"];
    let dear = [
        "Application.ReadWrite.All",
        "AppRoleAssignment.ReadWrite.All",
    ];
    [
        world.signed_in(&boss, &dear, &[DirectoryRole::GlobalAdministrator]),
        world.signed_in(&ann, &scopes, &[DirectoryRole::ApplicationAdministrator]),
        world.application(&scopes),
        world.signed_in(&boss, &scopes, &[]),
    ]
}

fn certificate() -> Json {
    json!([{"key": "AAAA", "type": "AsymmetricX509Cert", "usage": "Verify"}])
}

#[test]
fn the_permissions_of_microsoft_graph_stay_what_they_are() {
    let world = World::new();
    let before = world.contoso().get(GRAPH).ok();
    let owner = world.user("owner");
    for manager in managers(&world) {
        for body in [
            json!({"appRoles": []}),
            json!({"oauth2PermissionScopes": []}),
            json!({"accountEnabled": false}),
            json!({"servicePrincipalNames": []}),
            json!({"displayName": "Mine"}),
            json!({"replyUrls": ["https://mine.example"]}),
            json!({"keyCredentials": certificate()}),
            json!({"notes": "x"}),
        ] {
            let error = manager
                .patch(GRAPH, body)
                .problem(400, "Request_BadRequest");
            assert!(text(&error, "message").contains("Microsoft Graph"));
        }
        manager
            .post(&format!("{GRAPH}/addPassword"), json!({}))
            .problem(400, "Request_BadRequest");
        manager
            .post(&format!("{GRAPH}/owners/$ref"), reference(&owner))
            .problem(400, "Request_BadRequest");
        manager.delete(GRAPH).problem(400, "Request_BadRequest");
    }
    assert_eq!(world.contoso().get(GRAPH).ok(), before);
    // Permissions of it are given as before.
    world.application(&["User.Read.All"]);
}

/// Terraform sends all that it knows of a service principal, in every run.
#[test]
fn who_sends_back_what_a_well_known_service_principal_is_changes_nothing() {
    let world = World::new();
    let managers = managers(&world);
    for url in [GRAPH, POWERSHELL] {
        let before = world.contoso().get(url).ok();
        for manager in &managers {
            for body in [
                json!({"appRoles": before["appRoles"]}),
                json!({"id": before["id"], "oauth2PermissionScopes": before["oauth2PermissionScopes"]}),
                json!({"displayName": before["displayName"], "replyUrls": before["replyUrls"]}),
                json!({
                    "accountEnabled": true,
                    "alternativeNames": [],
                    "appRoleAssignmentRequired": false,
                    "description": null,
                    "keyCredentials": [],
                    "loginUrl": null,
                    "notes": null,
                    "notificationEmailAddresses": [],
                    "preferredSingleSignOnMode": null,
                    "samlSingleSignOnSettings": {"relayState": null},
                    "tags": [],
                }),
            ] {
                manager.patch(url, body).no_content();
            }
        }
        assert_eq!(world.contoso().get(url).ok(), before);
    }
}

#[test]
fn the_command_line_of_azure_is_as_well_known() {
    let world = World::new();
    let principal = world
        .contoso()
        .post(PRINCIPALS, json!({"appId": AZURE_CLI}))
        .created();
    let url = format!("{PRINCIPALS}/{}", id(&principal));
    let owner = world.user("owner");
    for manager in managers(&world) {
        for refused in [
            manager.patch(&url, json!({"replyUrls": ["https://thief.example"]})),
            manager.post(&format!("{url}/addPassword"), json!({})),
            manager.post(&format!("{url}/owners/$ref"), reference(&owner)),
        ] {
            let error = refused.problem(400, "Request_BadRequest");
            assert!(text(&error, "message").starts_with("Microsoft Azure CLI is the same client"));
        }
        manager.patch(&url, json!({"notes": "x"})).no_content();
    }
}

#[test]
fn nobody_leads_the_codes_of_a_well_known_client_elsewhere() {
    let world = World::new();
    let before = world.contoso().get(POWERSHELL).ok();
    let owner = world.user("owner");
    for manager in managers(&world) {
        for body in [
            json!({"replyUrls": ["https://thief.example"]}),
            json!({"keyCredentials": certificate()}),
            json!({"displayName": "Harmless"}),
            json!({"notes": "x", "replyUrls": ["https://thief.example"]}),
        ] {
            let error = manager
                .patch(POWERSHELL, body)
                .problem(400, "Request_BadRequest");
            assert!(text(&error, "message").contains("every tenant"));
        }
        manager
            .post(&format!("{POWERSHELL}/addPassword"), json!({}))
            .problem(400, "Request_BadRequest");
        manager
            .post(&format!("{POWERSHELL}/owners/$ref"), reference(&owner))
            .problem(400, "Request_BadRequest");
    }
    assert_eq!(world.contoso().get(POWERSHELL).ok(), before);
}

#[test]
fn whether_a_well_known_client_is_used_is_the_tenants_choice() {
    let world = World::new();
    // Who signed in through it could do no more.
    for manager in [
        world.contoso(),
        world.application(&["Application.ReadWrite.All"]),
    ] {
        manager
            .patch(
                POWERSHELL,
                json!({"accountEnabled": false, "appRoleAssignmentRequired": true, "notes": "x", "tags": ["a"]}),
            )
            .no_content();
        manager
            .patch(POWERSHELL, json!({"accountEnabled": true}))
            .no_content();
    }
    world.contoso().delete(POWERSHELL).no_content();
}

/// Deleted for good, it would be gone from the tenant: no application of it is registered anywhere.
#[test]
fn a_well_known_client_that_was_deleted_for_good_is_added_again() {
    let world = World::new();
    let admin = world.contoso();
    let before = admin.get(POWERSHELL).ok();
    admin.delete(POWERSHELL).no_content();
    let binned = format!("/v1.0/directory/deletedItems/{}", id(&before));
    admin.delete(&binned).no_content();
    let mut made = world
        .application(&["Application.ReadWrite.All"])
        .post(PRINCIPALS, json!({"appId": before["appId"]}))
        .created();
    assert_ne!(made["id"], before["id"]);
    for other in ["@odata.context", "id", "createdDateTime"] {
        made[other] = before[other].clone();
    }
    assert_eq!(made, before);
}

#[test]
fn a_well_known_client_is_added_once_and_as_it_is_in_every_tenant() {
    let world = World::new();
    let admin = world.contoso();
    let owner = world.user("owner");
    let managers = managers(&world);
    for manager in &managers {
        for body in [
            json!({"replyUrls": ["https://thief.example"]}),
            json!({"displayName": "Harmless"}),
            json!({"keyCredentials": certificate()}),
            json!({"owners@odata.bind": [reference(&owner)["@odata.id"]]}),
        ] {
            let mut body = body;
            body["appId"] = json!(AZURE_CLI);
            let error = manager
                .post(PRINCIPALS, body)
                .problem(400, "Request_BadRequest");
            assert!(text(&error, "message").contains("every tenant"), "{error}");
        }
    }
    let body = json!({"appId": AZURE_CLI, "displayName": "Microsoft Azure CLI", "tags": ["a"]});
    // It is nobody's.
    world
        .application(&["Application.ReadWrite.OwnedBy"])
        .post(PRINCIPALS, body.clone())
        .problem(403, "Authorization_RequestDenied");
    let url = format!("{PRINCIPALS}(appId='{AZURE_CLI}')");
    admin.get(&url).problem(404, "Request_ResourceNotFound");
    managers[1].post(PRINCIPALS, body.clone()).created();
    let made = admin.get(&url).ok();
    assert_eq!(made["tags"], json!(["a"]));
    assert_eq!(made["replyUrls"], json!(["http://localhost"]));
    let error = admin
        .post(PRINCIPALS, body)
        .problem(400, "Request_MultipleObjectsWithSameKeyValue");
    assert_eq!(error["details"][0]["code"], "ObjectConflict");
}

/// Who planted a credential while that was possible is got rid of.
#[test]
fn what_a_well_known_client_should_not_have_is_taken_away() {
    let world = World::new();
    let principal: ObjectId = id(&world.contoso().get(POWERSHELL).ok()).parse().unwrap();
    let tenant = world.tenants.contoso.id;
    let (key, _) = world
        .store
        .write(|tx| {
            let (ids, now) = (world.ids.as_ref(), world.clock.now());
            client_secrets::add(tx, tenant, principal, ids, now, None, None)
        })
        .unwrap();
    let body = json!({"keyId": key});
    world
        .contoso()
        .post(&format!("{POWERSHELL}/removePassword"), body)
        .no_content();
    world
        .contoso()
        .patch(POWERSHELL, json!({"keyCredentials": []}))
        .no_content();
}

#[test]
fn nobody_locks_a_powerful_application_out_by_taking_its_secret() {
    let world = World::new();
    let contoso = &world.tenants.contoso;
    let url = format!("/v1.0/applications/{}", contoso.application);
    let principal = format!("/v1.0/servicePrincipals/{}", contoso.service_principal);
    let [boss, helper, tool, led] = managers(&world);
    for url in [&url, &principal] {
        let add = || {
            let made = boss.post(&format!("{url}/addPassword"), json!({})).ok();
            json!({"keyId": made["keyId"]})
        };
        let remove = format!("{url}/removePassword");
        let secret = add();
        for client in [&helper, &tool, &led] {
            client
                .post(&remove, secret.clone())
                .problem(403, "Authorization_RequestDenied");
        }
        boss.post(&remove, secret).no_content();
        // The application itself renews its own.
        world.contoso().post(&remove, add()).no_content();
    }
    for client in [&helper, &tool, &led] {
        let enabled = |is: bool| client.patch(&principal, json!({"accountEnabled": is}));
        enabled(false).problem(403, "Authorization_RequestDenied");
        enabled(true).no_content();
    }
    let mine = helper
        .post("/v1.0/applications", json!({"displayName": "mine"}))
        .created();
    let url = format!("/v1.0/applications/{}", id(&mine));
    let made = helper.post(&format!("{url}/addPassword"), json!({})).ok();
    helper
        .post(
            &format!("{url}/removePassword"),
            json!({"keyId": made["keyId"]}),
        )
        .no_content();
}

/// Consent was given to the application as it was: where its codes go decides who has what an
/// administrator agreed to.
#[test]
fn nobody_leads_the_codes_of_an_application_that_hands_out_roles_for_people_elsewhere() {
    let world = World::new();
    let admin = world.contoso();
    let [boss, helper, tool, led] = managers(&world);
    let application = admin
        .post("/v1.0/applications", json!({"displayName": "Console"}))
        .created();
    let principal = admin
        .post(
            "/v1.0/servicePrincipals",
            json!({"appId": application["appId"]}),
        )
        .created();
    let (application, principal) = (
        format!("/v1.0/applications/{}", id(&application)),
        format!("/v1.0/servicePrincipals/{}", id(&principal)),
    );
    let to = json!({"redirectUris": ["https://console.example/back", "http://localhost"]});
    let elsewhere = json!({"redirectUris": ["https://console.example/back"]});
    let attempts = |to: &Json, is_public: bool| {
        [
            (&application, json!({"web": to})),
            (&application, json!({"spa": to})),
            (&application, json!({"publicClient": to})),
            (&application, json!({"isFallbackPublicClient": is_public})),
            (&principal, json!({"replyUrls": to["redirectUris"]})),
        ]
    };
    for (url, body) in &attempts(&to, true) {
        helper.patch(url, body.clone()).no_content();
    }
    let grant = |principal_id: Option<&str>, scope: &str| {
        let consent = if principal_id.is_some() {
            "Principal"
        } else {
            "AllPrincipals"
        };
        admin
            .post(
                "/v1.0/oauth2PermissionGrants",
                json!({
                    "clientId": principal.rsplit('/').next(),
                    "consentType": consent,
                    "principalId": principal_id,
                    "resourceId": world.tenants.contoso.graph.to_string(),
                    "scope": scope,
                }),
            )
            .created()
    };
    grant(None, "User.Read Directory.ReadWrite.All");
    helper.patch(&application, json!({"web": to})).no_content();
    let chief = world.user("chief");
    let dear = grant(Some(&chief), "User.Read RoleManagement.ReadWrite.Directory");
    // What is sent back as it is leads nothing elsewhere, in whatever order, nor does what else there is.
    let same = json!({"redirectUris": ["http://localhost", "https://console.example/back"]});
    for (url, body) in &attempts(&same, true) {
        for client in [&helper, &tool, &led] {
            client.patch(url, body.clone()).no_content();
        }
    }
    let home =
        json!({"homePageUrl": "https://console.example", "redirectUris": to["redirectUris"]});
    helper
        .patch(&application, json!({"displayName": "Console", "web": home}))
        .no_content();
    for (url, body) in &attempts(&elsewhere, false) {
        for client in [&helper, &tool, &led] {
            client
                .patch(url, body.clone())
                .problem(403, "Authorization_RequestDenied");
        }
    }
    for (url, body) in &attempts(&elsewhere, false) {
        boss.patch(url, body.clone()).no_content();
    }
    helper
        .patch(&application, json!({"notes": "x"}))
        .no_content();
    // As long as it is granted.
    let to = |to: &Json| helper.patch(&application, json!({"web": to}));
    let dear = format!("/v1.0/oauth2PermissionGrants/{}", id(&dear));
    admin
        .patch(&dear, json!({"scope": "User.Read"}))
        .no_content();
    to(&same).no_content();
    admin
        .patch(&dear, json!({"scope": "approleassignment.readwrite.all"}))
        .no_content();
    to(&elsewhere).problem(403, "Authorization_RequestDenied");
    admin.delete(&dear).no_content();
    to(&elsewhere).no_content();
}

#[test]
fn codes_are_sent_to_no_script_and_to_no_other_machine_in_clear_text() {
    let world = World::new();
    let admin = world.contoso();
    let application = admin
        .post("/v1.0/applications", json!({"displayName": "Tool"}))
        .created();
    let principal = admin
        .post(
            "/v1.0/servicePrincipals",
            json!({"appId": application["appId"]}),
        )
        .created();
    let application = format!("/v1.0/applications/{}", id(&application));
    let principal = format!("/v1.0/servicePrincipals/{}", id(&principal));
    let to = |uri: &str| json!({"redirectUris": [uri]});
    for uri in [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "http://tool.example/back",
        "tool.example/back",
    ] {
        for (url, body, target) in [
            (&application, json!({"web": to(uri)}), "web"),
            (&application, json!({"spa": to(uri)}), "spa"),
            (
                &application,
                json!({"publicClient": to(uri)}),
                "publicClient",
            ),
            (&principal, json!({"replyUrls": [uri]}), "replyUrls"),
        ] {
            let error = admin.patch(url, body).problem(400, "Request_BadRequest");
            assert_eq!(error["details"][0]["target"], target, "{uri}");
        }
        let body = json!({"displayName": "x", "web": to(uri)});
        admin
            .post("/v1.0/applications", body)
            .problem(400, "Request_BadRequest");
    }
    for uri in ["https://tool.example/back", "http://localhost/back"] {
        admin
            .patch(&application, json!({"web": to(uri)}))
            .no_content();
        admin
            .patch(&principal, json!({"replyUrls": [uri]}))
            .no_content();
    }
    for uri in ["msal-tool://auth", "urn:ietf:wg:oauth:2.0:oob"] {
        admin
            .patch(&application, json!({"publicClient": to(uri)}))
            .no_content();
    }
}
