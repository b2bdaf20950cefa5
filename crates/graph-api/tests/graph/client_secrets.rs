//! Client secrets of applications and service principals: shown once, good from their start to their end.

use serde_json::{Value as Json, json};
use syncline_access::ClientCredentials;

use crate::certificates::RSA;
use crate::world::{World, id, text};

#[test]
fn a_client_secret_is_shown_once_and_works_until_removed() {
    let world = World::new();
    let application = world
        .contoso()
        .post("/v1.0/applications", json!({"displayName": "Tool"}))
        .created();
    world
        .contoso()
        .post(
            "/v1.0/servicePrincipals",
            json!({"appId": application["appId"]}),
        )
        .created();
    let url = format!("/v1.0/applications/{}", id(&application));
    let secret = world
        .contoso()
        .post(
            &format!("{url}/addPassword"),
            json!({"passwordCredential": {"displayName": "CI"}}),
        )
        .ok();
    let text_of_it = text(&secret, "secretText");
    assert!(text_of_it.len() >= 20);
    assert_eq!(
        (&secret["displayName"], &secret["startDateTime"]),
        (&json!("CI"), &json!("2022-12-10T12:00:00Z"))
    );
    let answer = world.contoso().get(&url);
    let shown = &answer.ok()["passwordCredentials"][0];
    assert_eq!(
        (&shown["keyId"], &shown["secretText"], &shown["hint"]),
        (&secret["keyId"], &Json::Null, &secret["hint"])
    );
    assert!(!answer.text().contains(&text_of_it));
    let works = |world: &World| {
        let credentials = ClientCredentials::Secret(&text_of_it);
        let app_id = text(&application, "appId");
        let tenant = world.tenants.contoso.id;
        world
            .access
            .authenticate_client(tenant, &tenant.to_string(), &app_id, credentials)
            .is_ok()
    };
    assert!(works(&world));
    world
        .contoso()
        .post(
            &format!("{url}/removePassword"),
            json!({"keyId": "01234567-89ab-4def-8123-456789abcdef"}),
        )
        .problem(400, "Request_BadRequest");
    world
        .contoso()
        .post(
            &format!("{url}/removePassword"),
            json!({"keyId": secret["keyId"]}),
        )
        .no_content();
    assert!(!works(&world));
    assert_eq!(
        world.contoso().get(&url).ok()["passwordCredentials"],
        json!([])
    );
}

#[test]
fn a_secret_may_be_asked_for_without_a_body_but_not_for_the_past() {
    let world = World::new();
    let url = format!(
        "/v1.0/servicePrincipals/{}/addPassword",
        world.tenants.contoso.service_principal
    );
    world.contoso().send("POST", &url, Vec::new()).ok();
    world
        .contoso()
        .post(
            &url,
            json!({"passwordCredential": {"endDateTime": "2020-01-01T00:00:00Z"}}),
        )
        .problem(400, "Request_BadRequest");
    world
        .contoso()
        .post(&url, json!({"passwordCredential": {"endDateTime": "soon"}}))
        .problem(400, "Request_BadRequest");
    world
        .contoso()
        .post(&url, json!({"nonsense": 1}))
        .problem(400, "Request_BadRequest");
}

#[test]
fn secrets_have_a_number_and_their_names_a_length() {
    let world = World::new();
    let admin = world.contoso();
    let application = admin
        .post("/v1.0/applications", json!({"displayName": "Tool"}))
        .created();
    let url = format!("/v1.0/applications/{}", id(&application));
    let named = |length| json!({"passwordCredential": {"displayName": "x".repeat(length)}});
    let add = |body: Json| admin.post(&format!("{url}/addPassword"), body);
    let error = add(named(257)).problem(400, "Request_BadRequest");
    assert_eq!(error["details"][0]["target"], "displayName");
    let first = add(named(256)).ok();
    for _ in 1..50 {
        add(json!({})).ok();
    }
    let error = add(json!({})).problem(400, "Request_BadRequest");
    assert!(text(&error, "message").contains("removePassword"));
    let removed = json!({"keyId": first["keyId"]});
    admin
        .post(&format!("{url}/removePassword"), removed)
        .no_content();
    add(json!({})).ok();

    let key = json!({"key": RSA, "type": "AsymmetricX509Cert", "usage": "Verify"});
    admin
        .patch(&url, json!({"keyCredentials": vec![key.clone(); 50]}))
        .no_content();
    admin
        .patch(&url, json!({"keyCredentials": vec![key; 51]}))
        .problem(400, "Request_BadRequest");
}

#[test]
fn a_client_secret_is_good_from_its_start() {
    let world = World::new();
    let tenant = &world.tenants.contoso;
    let url = format!(
        "/v1.0/servicePrincipals/{}/addPassword",
        tenant.service_principal
    );
    let add = |credential: Json| {
        world
            .contoso()
            .post(&url, json!({ "passwordCredential": credential }))
    };
    let start = json!({"startDateTime": "2022-12-11T12:00:00Z"});
    let secret = add(start).ok();
    assert_eq!(secret["startDateTime"], "2022-12-11T12:00:00Z");
    assert_eq!(secret["endDateTime"], "2024-12-10T12:00:00Z");
    let shown = world
        .contoso()
        .get(&format!(
            "/v1.0/servicePrincipals/{}?$select=passwordCredentials",
            tenant.service_principal
        ))
        .ok();
    let starts = shown["passwordCredentials"].as_array().unwrap();
    assert!(
        starts
            .iter()
            .any(|it| it["startDateTime"] == secret["startDateTime"])
    );

    for (credential, target) in [
        (
            json!({"startDateTime": "2022-12-12T00:00:00Z", "endDateTime": "2022-12-12T00:00:00Z"}),
            "endDateTime",
        ),
        (
            json!({"startDateTime": "2020-01-01T00:00:00Z", "endDateTime": "2020-01-02T00:00:00Z"}),
            "endDateTime",
        ),
        // It would have ended two years after.
        (
            json!({"startDateTime": "2020-01-01T00:00:00Z"}),
            "startDateTime",
        ),
        (json!({"startDateTime": "soon"}), "startDateTime"),
        (json!({"secretText": "of my own"}), "secretText"),
        (
            json!({"keyId": "01234567-89ab-4def-8123-456789abcdef"}),
            "keyId",
        ),
    ] {
        let error = add(credential).problem(400, "Request_BadRequest");
        assert_eq!(error["details"][0]["target"], target);
    }
    let error =
        add(json!({"startDate": "2022-12-12T00:00:00Z"})).problem(400, "Request_BadRequest");
    assert_eq!(error["message"], "Invalid property 'startDate'.");
    // Typed clients name what they leave to the server.
    add(json!({"keyId": null, "secretText": null, "hint": null, "customKeyIdentifier": null})).ok();
}

/// Terraform's `azuread_application` with a `password` sends it at create, and reads its text there.
#[test]
fn an_application_is_made_with_a_secret_that_works() {
    let world = World::new();
    let admin = world.contoso();
    let url = "/v1.0/applications";
    let make = |credentials: Json| {
        let body = json!({"displayName": "Tool", "passwordCredentials": credentials});
        admin.post(url, body)
    };
    let credential = json!({"displayName": "CI", "startDateTime": "2022-12-09T00:00:00Z", "endDateTime": "2023-01-01T00:00:00Z"});
    let application = make(json!([credential])).created();
    let [secret] = &application["passwordCredentials"].as_array().unwrap()[..] else {
        panic!("{application}");
    };
    for (name, value) in credential.as_object().unwrap() {
        assert_eq!(&secret[name], value);
    }
    let (key_id, text_of_it) = (text(secret, "keyId"), text(secret, "secretText"));
    let principal = json!({"appId": application["appId"]});
    admin.post("/v1.0/servicePrincipals", principal).created();
    let tenant = world.tenants.contoso.id;
    let credentials = ClientCredentials::Secret(&text_of_it);
    let app_id = text(&application, "appId");
    world
        .access
        .authenticate_client(tenant, &tenant.to_string(), &app_id, credentials)
        .unwrap();

    let one = admin.get(&format!("{url}/{}", id(&application)));
    let shown = &one.ok()["passwordCredentials"][0];
    assert_eq!(
        (&shown["keyId"], &shown["secretText"]),
        (&json!(key_id), &Json::Null)
    );
    assert!(!one.text().contains(&text_of_it));
    assert!(!admin.get(url).text().contains(&text_of_it));
}

#[test]
fn an_application_is_made_with_one_secret_at_most_and_as_the_server_makes_it() {
    let world = World::new();
    let admin = world.contoso();
    let url = "/v1.0/applications";
    let body =
        |credentials: Json| json!({"displayName": "Tool", "passwordCredentials": credentials});
    let before = admin.all(url).len();
    for (credentials, target) in [
        (json!([{"secretText": "of my own"}]), "secretText"),
        (
            json!([{"keyId": "01234567-89ab-4def-8123-456789abcdef"}]),
            "keyId",
        ),
        (
            json!([{"endDateTime": "2020-01-01T00:00:00Z"}]),
            "endDateTime",
        ),
        (json!([{"displayName": "x".repeat(257)}]), "displayName"),
        (json!({"displayName": "CI"}), "passwordCredentials"),
        (json!(["CI"]), "passwordCredentials"),
    ] {
        let error = admin
            .post(url, body(credentials))
            .problem(400, "Request_BadRequest");
        assert_eq!(error["details"][0]["target"], target);
    }
    for credentials in [json!([{"startDate": "soon"}]), json!([{}, {}])] {
        admin
            .post(url, body(credentials))
            .problem(400, "Request_BadRequest");
    }
    assert_eq!(admin.all(url).len(), before);
    for none in [json!([]), Json::Null] {
        let made = admin.post(url, body(none)).created();
        assert_eq!(made["passwordCredentials"], json!([]));
    }
    // Afterwards by actions of their own, as in Graph.
    let made = admin.post(url, json!({"displayName": "Tool"})).created();
    let change = json!({"passwordCredentials": [{"displayName": "CI"}]});
    let error = admin
        .patch(&format!("{url}/{}", id(&made)), change)
        .problem(400, "Request_BadRequest");
    assert_eq!(error["details"][0]["code"], "PropertyReadOnly");
}
