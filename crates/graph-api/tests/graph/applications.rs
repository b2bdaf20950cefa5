//! Applications, service principals, the gallery, client secrets.

use serde_json::{Value as Json, json};

use crate::world::{World, each, id, text};

const TEMPLATE: &str = "518e5f48-1fc8-4c48-9387-9fdf28b0dfe7";

fn instantiate(world: &World, name: &str) -> Json {
    world
        .contoso()
        .post(
            &format!("/v1.0/applicationTemplates/{TEMPLATE}/instantiate"),
            json!({"displayName": name}),
        )
        .created()
}

#[test]
fn the_gallery_holds_one_template() {
    let world = World::new();
    let all = world.contoso().get("/v1.0/applicationTemplates").ok();
    assert_eq!(each(&all, "id"), [TEMPLATE]);
    assert_eq!(
        world
            .contoso()
            .get("/v1.0/applicationTemplates/$count")
            .text(),
        "1"
    );
    for (filter, found) in [
        ("contains(displayName,'target tenant')", 1),
        ("displayName eq 'x'", 0),
        ("categories/any(c:contains(c,'Infra'))", 1),
    ] {
        assert_eq!(
            world
                .contoso()
                .all(&format!("/v1.0/applicationTemplates?$filter={filter}"))
                .len(),
            found,
            "{filter}"
        );
    }
    let one = world
        .contoso()
        .get(&format!(
            "/v1.0/applicationTemplates/{TEMPLATE}?$select=displayName"
        ))
        .ok();
    assert_eq!(one.as_object().unwrap().len(), 2);
    world
        .contoso()
        .get("/v1.0/applicationTemplates/nonsense")
        .problem(404, "Request_ResourceNotFound");
}

#[test]
fn instantiate_answers_with_the_keys_of_both_shapes() {
    let world = World::new();
    let made = instantiate(&world, "Fabrikam");
    assert!(
        made["@odata.context"]
            .as_str()
            .unwrap()
            .ends_with("#microsoft.graph.applicationServicePrincipal")
    );
    let application = &made["application"];
    for (name, value) in [
        ("applicationTemplateId", json!(TEMPLATE)),
        ("displayName", json!("Fabrikam")),
        ("identifierUris", json!([])),
        ("publicClient", Json::Null),
        ("replyUrls", json!([])),
        ("logoutUrl", Json::Null),
        ("samlMetadataUrl", Json::Null),
        ("errorUrl", Json::Null),
        ("groupMembershipClaims", Json::Null),
        ("availableToOtherTenants", json!(false)),
        ("requiredResourceAccess", json!([])),
        ("objectId", application["id"].clone()),
        ("signInAudience", json!("AzureADMyOrg")),
        ("isFallbackPublicClient", json!(false)),
        ("deletedDateTime", Json::Null),
        ("addIns", json!([])),
        ("tags", json!([])),
        (
            "info",
            json!({"logoUrl": null, "marketingUrl": null, "privacyStatementUrl": null, "supportUrl": null, "termsOfServiceUrl": null}),
        ),
        (
            "parentalControlSettings",
            json!({"countriesBlockedForMinors": [], "legalAgeGroupRule": "Allow"}),
        ),
        (
            "verifiedPublisher",
            json!({"displayName": null, "verifiedPublisherId": null, "addedDateTime": null}),
        ),
    ] {
        assert_eq!(application.get(name), Some(&value), "application.{name}");
    }
    assert!(
        application["homepage"]
            .as_str()
            .unwrap()
            .ends_with("?metadata=aad2aadsync|ISV9.1|primary|z")
    );
    let role = &application["appRoles"][0];
    assert_eq!(
        (
            &role["displayName"],
            &role["value"],
            &role["allowedMemberTypes"],
            &role["origin"]
        ),
        (
            &json!("msiam_access"),
            &Json::Null,
            &json!(["User"]),
            &json!("Application")
        )
    );
    assert_eq!(
        application["api"]["oauth2PermissionScopes"][0]["value"],
        "user_impersonation"
    );

    let principal = &made["servicePrincipal"];
    for (name, value) in [
        ("objectId", principal["id"].clone()),
        ("deletionTimestamp", Json::Null),
        ("accountEnabled", json!(true)),
        ("appId", application["appId"].clone()),
        ("appDisplayName", json!("Fabrikam")),
        ("applicationTemplateId", json!(TEMPLATE)),
        (
            "appOwnerTenantId",
            json!(world.tenants.contoso.id.to_string()),
        ),
        ("appRoleAssignmentRequired", json!(true)),
        ("displayName", json!("Fabrikam")),
        ("errorUrl", Json::Null),
        ("loginUrl", Json::Null),
        ("logoutUrl", Json::Null),
        ("homepage", application["homepage"].clone()),
        ("samlMetadataUrl", Json::Null),
        ("microsoftFirstParty", Json::Null),
        ("publisherName", json!("Contoso")),
        ("preferredSingleSignOnMode", Json::Null),
        ("preferredTokenSigningKeyThumbprint", Json::Null),
        ("preferredTokenSigningKeyEndDateTime", Json::Null),
        ("replyUrls", json!([])),
        ("servicePrincipalNames", json!([application["appId"]])),
        ("tags", json!(["WindowsAzureActiveDirectoryIntegratedApp"])),
        ("notificationEmailAddresses", json!([])),
        ("samlSingleSignOnSettings", Json::Null),
        ("keyCredentials", json!([])),
        ("passwordCredentials", json!([])),
        ("servicePrincipalType", json!("Application")),
        (
            "appOwnerOrganizationId",
            json!(world.tenants.contoso.id.to_string()),
        ),
        ("appRoles", application["appRoles"].clone()),
        ("deletedDateTime", Json::Null),
        ("alternativeNames", json!([])),
    ] {
        assert_eq!(principal.get(name), Some(&value), "servicePrincipal.{name}");
    }
}

#[test]
fn the_same_name_again_makes_another_configuration() {
    let world = World::new();
    let (first, second) = (
        instantiate(&world, "Fabrikam"),
        instantiate(&world, "Fabrikam"),
    );
    assert_ne!(
        first["application"]["appId"],
        second["application"]["appId"]
    );
    assert_ne!(
        id(&first["servicePrincipal"]),
        id(&second["servicePrincipal"])
    );
}

#[test]
fn instantiate_refuses_what_it_does_not_understand() {
    let world = World::new();
    let url = format!("/v1.0/applicationTemplates/{TEMPLATE}/instantiate");
    for body in [
        json!({}),
        json!({"displayName": ""}),
        json!({"displayName": 1}),
        json!({"displayName": "x", "nonsense": 1}),
        json!({"displayName": "x".repeat(257)}),
    ] {
        world
            .contoso()
            .post(&url, body)
            .problem(400, "Request_BadRequest");
    }
    let unknown = "/v1.0/applicationTemplates/01234567-89ab-4def-8123-456789abcdef/instantiate";
    world
        .contoso()
        .post(unknown, json!({"displayName": "x"}))
        .problem(404, "Request_ResourceNotFound");
}

#[test]
fn a_service_principal_is_found_by_name_and_by_its_keys() {
    let world = World::new();
    let made = instantiate(&world, "Fabrikam");
    let (principal, app_id) = (
        id(&made["servicePrincipal"]),
        text(&made["application"], "appId"),
    );
    for filter in [
        "DisplayName%20eq%20%27Fabrikam%27",
        "displayName eq 'fabrikam'",
    ] {
        let found = world
            .contoso()
            .get(&format!("/v1.0/servicePrincipals?$filter={filter}"))
            .ok();
        assert_eq!(each(&found, "id"), std::slice::from_ref(&principal));
        let item = &found["value"][0];
        assert_eq!(
            (
                &item["signInAudience"],
                &item["publisherName"],
                &item["appId"]
            ),
            (&json!("AzureADMyOrg"), &json!("Contoso"), &json!(app_id))
        );
    }
    for url in [
        format!("/v1.0/servicePrincipals/{principal}"),
        format!("/v1.0/servicePrincipals('{principal}')"),
        format!("/v1.0/servicePrincipals(appId='{app_id}')"),
        format!("/beta/serviceprincipals(AppId='{app_id}')"),
    ] {
        assert_eq!(id(&world.contoso().get(&url).ok()), principal, "{url}");
    }
    let found = world.contoso().all(&format!(
        "/v1.0/servicePrincipals?$filter=appId eq '{app_id}'"
    ));
    assert_eq!(found.len(), 1);
    world
        .contoso()
        .get("/v1.0/servicePrincipals(appId='nonsense')")
        .problem(404, "Request_ResourceNotFound");
    world
        .contoso()
        .get("/v1.0/servicePrincipals(nonsense='x')")
        .problem(400, "BadRequest");
    let roles = world
        .contoso()
        .get(&format!(
            "/v1.0/servicePrincipals/{principal}?$select=appRoles"
        ))
        .ok();
    assert_eq!(roles["appRoles"][0]["displayName"], "msiam_access");
}

#[test]
fn an_application_shows_its_public_client_as_an_object() {
    let world = World::new();
    let made = instantiate(&world, "Fabrikam");
    let application = world
        .contoso()
        .get(&format!("/v1.0/applications/{}", id(&made["application"])))
        .ok();
    assert_eq!(application["publicClient"], json!({"redirectUris": []}));
    assert!(application.get("objectId").is_none());
}

#[test]
fn an_application_is_registered_changed_and_deleted() {
    let world = World::new();
    let body = json!({"displayName": "Portal", "Web": {"RedirectUris": ["https://portal.example/back"]}, "signInAudience": "azureadmyorg", "tags": ["a"]});
    let application = world.contoso().post("/v1.0/applications", body).created();
    assert_eq!(
        application["web"]["redirectUris"],
        json!(["https://portal.example/back"])
    );
    assert_eq!(application["signInAudience"], "AzureADMyOrg");
    let url = format!(
        "/v1.0/applications(appId='{}')",
        text(&application, "appId")
    );
    world
        .contoso()
        .patch(
            &url,
            json!({"web": {"logoutUrl": "https://portal.example/out"}}),
        )
        .no_content();
    let changed = world.contoso().get(&url).ok();
    assert_eq!(
        (
            &changed["web"]["logoutUrl"],
            &changed["web"]["redirectUris"]
        ),
        (
            &json!("https://portal.example/out"),
            &json!(["https://portal.example/back"])
        )
    );
    for body in [
        json!({"displayName": null}),
        json!({"appId": "x"}),
        json!({"web": {"nonsense": 1}}),
        json!({"web": {"redirectUris": "x"}}),
        json!({"appRoles": [{"displayName": "x"}]}),
        json!({"passwordCredentials": []}),
    ] {
        world
            .contoso()
            .patch(&url, body)
            .problem(400, "Request_BadRequest");
    }
    let principal = world
        .contoso()
        .post(
            "/v1.0/servicePrincipals",
            json!({"appId": application["appId"], "tags": ["b"]}),
        )
        .created();
    assert_eq!(principal["tags"], json!(["b"]));
    let error = world
        .contoso()
        .post(
            "/v1.0/servicePrincipals",
            json!({"appId": application["appId"]}),
        )
        .problem(400, "Request_MultipleObjectsWithSameKeyValue");
    assert_eq!(error["details"][0]["code"], "ObjectConflict");
    world.contoso().delete(&url).no_content();
    world
        .contoso()
        .get(&url)
        .problem(404, "Request_ResourceNotFound");
    let bin = world
        .contoso()
        .get("/v1.0/directory/deletedItems/microsoft.graph.application")
        .ok();
    assert_eq!(each(&bin, "id"), [id(&application)]);
}

#[test]
fn a_service_principal_needs_an_application() {
    let world = World::new();
    world
        .contoso()
        .post("/v1.0/servicePrincipals", json!({}))
        .problem(400, "Request_BadRequest");
    world
        .contoso()
        .post("/v1.0/servicePrincipals", json!({"appId": "x"}))
        .problem(400, "Request_BadRequest");
    let unknown = json!({"appId": "01234567-89ab-4def-8123-456789abcdef"});
    world
        .contoso()
        .post("/v1.0/servicePrincipals", unknown)
        .problem(400, "Request_BadRequest");
}

#[test]
fn a_service_principal_is_changed_and_deleted() {
    let world = World::new();
    let principal = id(&instantiate(&world, "Fabrikam")["servicePrincipal"]);
    let url = format!("/v1.0/servicePrincipals/{principal}");
    world
        .contoso()
        .patch(
            &url,
            json!({"appRoleAssignmentRequired": false, "notes": "x"}),
        )
        .no_content();
    assert_eq!(
        world.contoso().get(&url).ok()["appRoleAssignmentRequired"],
        false
    );
    world
        .contoso()
        .patch(
            &url,
            json!({"appId": "01234567-89ab-4def-8123-456789abcdef"}),
        )
        .problem(400, "Request_BadRequest");
    world.contoso().delete(&url).no_content();
    world
        .contoso()
        .get(&url)
        .problem(404, "Request_ResourceNotFound");
}

/// Whoever presents a wrong secret makes us read them all, and need not be known.
#[test]
fn graphs_own_service_principal_tells_its_permissions() {
    let world = World::new();
    let graph = world
        .contoso()
        .get("/v1.0/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')")
        .ok();
    let role = graph["appRoles"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["value"] == "Synchronization.ReadWrite.All")
        .unwrap();
    assert_eq!(role["id"], "9b50c33d-700f-43b1-b2eb-87e89b703581");
    let scope = graph["oauth2PermissionScopes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["value"] == "Policy.ReadWrite.CrossTenantAccess")
        .unwrap();
    assert_eq!(scope["id"], "014b43d0-6ed4-4fc6-84dc-4b6f7bae7d85");
}

/// Spec E.3, all of it.
#[test]
fn every_property_of_applications_and_service_principals_can_be_selected() {
    const APPLICATION: &str = "addIns,api,appId,applicationTemplateId,appRoles,authenticationBehaviors,certification,createdByAppId,createdDateTime,defaultRedirectUri,description,disabledByMicrosoftStatus,displayName,groupMembershipClaims,identifierUris,info,isDeviceOnlyAuthSupported,isDisabled,isFallbackPublicClient,keyCredentials,logo,managerApplications,nativeAuthenticationApisEnabled,notes,oauth2RequirePostResponse,optionalClaims,parentalControlSettings,passwordCredentials,publicClient,publisherDomain,requestSignatureVerification,requiredResourceAccess,samlMetadataUrl,serviceManagementReference,servicePrincipalLockConfiguration,signInAudience,spa,tags,tokenEncryptionKeyId,uniqueName,verifiedPublisher,web";
    const SERVICE_PRINCIPAL: &str = "accountEnabled,addIns,alternativeNames,appDescription,appDisplayName,appId,applicationTemplateId,appOwnerOrganizationId,appRoleAssignmentRequired,appRoles,createdByAppId,customSecurityAttributes,description,disabledByMicrosoftStatus,displayName,homepage,info,isDisabled,keyCredentials,loginUrl,logoutUrl,notes,notificationEmailAddresses,oauth2PermissionScopes,passwordCredentials,preferredSingleSignOnMode,preferredTokenSigningKeyThumbprint,publisherName,replyUrls,resourceSpecificApplicationPermissions,samlSingleSignOnSettings,servicePrincipalNames,servicePrincipalType,signInAudience,tags,tokenEncryptionKeyId,verifiedPublisher";
    let world = World::new();
    let tenant = &world.tenants.contoso;
    for (set, id, names) in [
        ("applications", tenant.application, APPLICATION),
        (
            "servicePrincipals",
            tenant.service_principal,
            SERVICE_PRINCIPAL,
        ),
    ] {
        let shown = world
            .contoso()
            .get(&format!("/v1.0/{set}/{id}?$select={names}"))
            .ok();
        for name in names.split(',') {
            assert!(shown.get(name).is_some(), "{set} {name}");
        }
    }
}

/// Terraform's `azuread_application` sends them at create.
#[test]
fn settings_without_effect_here_are_kept() {
    let world = World::new();
    let admin = world.contoso();
    let lock = json!({"isEnabled": true, "allProperties": true});
    let made = admin
        .post(
            "/v1.0/applications",
            json!({
                "displayName": "Tool",
                "isDeviceOnlyAuthSupported": false,
                "oauth2RequirePostResponse": true,
                "servicePrincipalLockConfiguration": lock,
            }),
        )
        .created();
    let url = format!("/v1.0/applications/{}", id(&made));
    for shown in [&made, &admin.get(&url).ok()] {
        assert_eq!(shown["isDeviceOnlyAuthSupported"], false);
        assert_eq!(shown["oauth2RequirePostResponse"], true);
        let lock = &shown["servicePrincipalLockConfiguration"];
        assert_eq!(
            (&lock["isEnabled"], &lock["allProperties"]),
            (&json!(true), &json!(true))
        );
        assert_eq!(lock["tokenEncryptionKeyId"], Json::Null);
    }
    admin
        .patch(
            &url,
            json!({"servicePrincipalLockConfiguration": {"isEnabled": false}}),
        )
        .no_content();
    let lock = &admin.get(&url).ok()["servicePrincipalLockConfiguration"];
    assert_eq!(
        (&lock["isEnabled"], &lock["allProperties"]),
        (&json!(false), &json!(true))
    );

    // What was registered before there was the property, or without it.
    let other = admin
        .post("/v1.0/applications", json!({"displayName": "Other"}))
        .created();
    assert_eq!(other["oauth2RequirePostResponse"], false);
    assert_eq!(other["servicePrincipalLockConfiguration"], Json::Null);
    for unused in [
        json!({"isDisabled": true}),
        json!({"requestSignatureVerification": {"isSignedRequestRequired": true}}),
        json!({"managerApplications": []}),
    ] {
        let error = admin.patch(&url, unused).problem(400, "Request_BadRequest");
        assert_eq!(error["details"][0]["code"], "PropertyReadOnly");
    }
}
