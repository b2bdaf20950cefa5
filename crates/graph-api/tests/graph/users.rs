//! One user: create, read, change, delete.

use serde_json::{Value as Json, json};

use crate::world::{World, id, names, person, text};

const DEFAULT: [&str; 12] = [
    "@odata.context",
    "businessPhones",
    "displayName",
    "givenName",
    "id",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
];

#[test]
fn a_created_user_has_the_default_properties() {
    let world = World::new();
    let answer = world.contoso().post("/v1.0/users", person("ann"));
    let user = answer.created();
    assert_eq!(names(&user), DEFAULT);
    assert!(
        user["@odata.context"]
            .as_str()
            .unwrap()
            .ends_with("/v1.0/$metadata#users/$entity")
    );
    assert_eq!(user["businessPhones"], json!([]));
    assert_eq!(user["surname"], Json::Null);
    assert!(
        answer
            .header("location")
            .ends_with(&format!("/v1.0/users/{}", id(&user)))
    );
    let read = world
        .contoso()
        .get(&format!("/v1.0/users/{}", id(&user)))
        .ok();
    assert_eq!(read, user);
}

#[test]
fn what_is_required_is_asked_for() {
    let world = World::new();
    for missing in [
        "accountEnabled",
        "displayName",
        "mailNickname",
        "userPrincipalName",
        "passwordProfile",
    ] {
        let mut body = person("ann");
        body.as_object_mut().unwrap().remove(missing);
        let error = world
            .contoso()
            .post("/v1.0/users", body)
            .problem(400, "Request_BadRequest");
        assert!(
            error["message"].as_str().unwrap().contains(missing),
            "{missing}: {error}"
        );
    }
    assert!(world.contoso().all("/v1.0/users").is_empty());
}

#[test]
fn wrong_values_are_refused_by_name_and_change_nothing() {
    let world = World::new();
    let url = format!("/v1.0/users/{}", world.user("ann"));
    let before = world.contoso().get(&url).ok();
    for (name, value) in [
        ("accountEnabled", json!("true")),
        ("accountEnabled", json!(null)),
        ("displayName", json!(1)),
        ("displayName", json!(null)),
        ("displayName", json!("x".repeat(257))),
        ("department", json!("x".repeat(65))),
        ("department", json!("a\u{0}b")),
        ("businessPhones", json!("1")),
        ("businessPhones", json!([1])),
        ("employeeHireDate", json!("yesterday")),
        ("employeeOrgData", json!("x")),
        ("employeeOrgData", json!({"division": 1})),
        ("userType", json!("Robot")),
        ("ageGroup", json!("Ancient")),
    ] {
        let error = world
            .contoso()
            .patch(&url, json!({name: value, "jobTitle": "Pilot"}))
            .problem(400, "Request_BadRequest");
        let detail = &error["details"][0];
        assert_eq!(
            (&detail["code"], &detail["target"]),
            (&json!("InvalidValue"), &json!(name)),
            "{error}"
        );
    }
    assert_eq!(world.contoso().get(&url).ok(), before);
}

#[test]
fn unknown_properties_are_refused_by_name() {
    let world = World::new();
    let url = format!("/v1.0/users/{}", world.user("ann"));
    for name in [
        "nonsense",
        "netId",
        "alternativeSecurityIds",
        "memberOf",
        "homeTenantId",
    ] {
        let error = world
            .contoso()
            .patch(&url, json!({name: "x"}))
            .problem(400, "Request_BadRequest");
        assert_eq!(error["message"], format!("Invalid property '{name}'."));
    }
    let error = world
        .contoso()
        .patch(&url, json!({"employeeOrgData": {"nonsense": "x"}}))
        .problem(400, "Request_BadRequest");
    assert_eq!(error["message"], "Invalid property 'nonsense'.");
}

#[test]
fn read_only_properties_are_refused() {
    let world = World::new();
    let url = format!("/v1.0/users/{}", world.user("ann"));
    for name in [
        "id",
        "createdDateTime",
        "proxyAddresses",
        "creationType",
        "securityIdentifier",
        "assignedLicenses",
    ] {
        let error = world
            .contoso()
            .patch(&url, json!({name: []}))
            .problem(400, "Request_BadRequest");
        assert_eq!(error["details"][0]["target"], name);
    }
}

#[test]
fn null_clears_and_absent_stays() {
    let world = World::new();
    let url = format!("/v1.0/users/{}", world.user("ann"));
    world
        .contoso()
        .patch(&url, json!({"jobTitle": "Pilot", "surname": "Lee"}))
        .no_content();
    world
        .contoso()
        .patch(&url, json!({"jobTitle": null}))
        .no_content();
    let user = world.contoso().get(&url).ok();
    assert_eq!(
        (&user["jobTitle"], &user["surname"]),
        (&Json::Null, &json!("Lee"))
    );
}

#[test]
fn complex_values_are_merged_and_collections_replaced() {
    let world = World::new();
    let url = format!("/v1.0/users/{}", world.user("ann"));
    world.contoso().patch(&url, json!({"employeeOrgData": {"division": "D", "costCenter": "C"}, "otherMails": ["a@x.example", "b@x.example"]})).no_content();
    world
        .contoso()
        .patch(
            &url,
            json!({"employeeOrgData": {"CostCenter": "E"}, "otherMails": ["c@x.example"]}),
        )
        .no_content();
    let user = world
        .contoso()
        .get(&format!("{url}?$select=employeeOrgData,otherMails"))
        .ok();
    assert_eq!(
        user["employeeOrgData"],
        json!({"division": "D", "costCenter": "E"})
    );
    assert_eq!(user["otherMails"], json!(["c@x.example"]));
    world
        .contoso()
        .patch(&url, json!({"employeeOrgData": {"division": null}}))
        .no_content();
    world
        .contoso()
        .patch(&url, json!({"employeeOrgData": null}))
        .no_content();
    assert_eq!(
        world
            .contoso()
            .get(&format!("{url}?$select=employeeOrgData"))
            .ok()["employeeOrgData"],
        Json::Null
    );
}

#[test]
fn extension_attributes_are_no_longer_than_in_graph() {
    let world = World::new();
    let client = world.contoso();
    let url = format!("/v1.0/users/{}", world.user("ann"));
    for name in ["extensionAttribute1", "extensionAttribute15"] {
        // Letters count, not bytes.
        let sent = |length: usize| json!({"onPremisesExtensionAttributes": {name: "\u{e9}".repeat(length)}});
        client.patch(&url, sent(1024)).no_content();
        let error = client
            .patch(&url, sent(1025))
            .problem(400, "Request_BadRequest");
        assert_eq!(
            error["details"][0]["target"],
            "onPremisesExtensionAttributes"
        );
        let user = client
            .get(&format!("{url}?$select=onPremisesExtensionAttributes"))
            .ok();
        assert_eq!(
            text(&user["onPremisesExtensionAttributes"], name),
            sent(1024)["onPremisesExtensionAttributes"][name]
        );
    }
    let mut body = person("bob");
    body["onPremisesExtensionAttributes"] = json!({"extensionAttribute2": "x".repeat(1025)});
    client
        .post("/v1.0/users", body)
        .problem(400, "Request_BadRequest");
}

#[test]
fn select_shows_exactly_what_is_asked_for() {
    let world = World::new();
    let url = format!("/v1.0/users/{}", world.user("ann"));
    let user = world
        .contoso()
        .get(&format!(
            "{url}?$select=ACCOUNTENABLED,createdDateTime,onPremisesExtensionAttributes"
        ))
        .ok();
    assert_eq!(
        names(&user),
        [
            "@odata.context",
            "accountEnabled",
            "createdDateTime",
            "onPremisesExtensionAttributes"
        ]
    );
    assert_eq!(user["createdDateTime"], "2022-12-10T12:00:00Z");
    assert_eq!(
        user["onPremisesExtensionAttributes"]
            .as_object()
            .unwrap()
            .len(),
        15
    );
    assert!(
        user["@odata.context"]
            .as_str()
            .unwrap()
            .contains("#users(ACCOUNTENABLED,")
    );
    world
        .contoso()
        .get(&format!("{url}?$select=nonsense"))
        .problem(400, "BadRequest");
}

#[test]
fn engine_attributes_can_not_be_selected() {
    let world = World::new();
    let url = format!("/v1.0/users/{}?$select=netId", world.user("ann"));
    world.contoso().get(&url).problem(400, "BadRequest");
}

#[test]
fn weak_passwords_are_refused_and_no_user_is_left() {
    let world = World::new();
    let mut body = person("ann");
    body["passwordProfile"]["password"] = json!("weak");
    let error = world
        .contoso()
        .post("/v1.0/users", body)
        .problem(400, "Request_BadRequest");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("password complexity")
    );
    assert!(world.contoso().all("/v1.0/users").is_empty());
}

#[test]
fn a_name_is_unique_whatever_the_case() {
    let world = World::new();
    world.user("ann");
    let mut body = person("bob");
    body["userPrincipalName"] = json!("ANN@CONTOSO.example");
    let error = world
        .contoso()
        .post("/v1.0/users", body)
        .problem(400, "Request_BadRequest");
    assert_eq!(error["details"][0]["code"], "ObjectConflict");
    assert_eq!(error["details"][0]["target"], "userPrincipalName");
}

#[test]
fn a_name_needs_a_verified_domain() {
    let world = World::new();
    let mut body = person("ann");
    body["userPrincipalName"] = json!("ann@fabrikam.example");
    let error = world
        .contoso()
        .post("/v1.0/users", body)
        .problem(400, "Request_BadRequest");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("verified domain")
    );
}

#[test]
fn a_guests_name_with_a_hash_is_found_encoded() {
    let world = World::new();
    let initial = world
        .contoso()
        .get("/v1.0/domains?$filter=isInitial eq true")
        .ok()["value"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut body = person("ann_home.example#EXT#");
    body["mailNickname"] = json!("ann");
    body["userPrincipalName"] = json!(format!("ann_home.example#EXT#@{initial}"));
    let guest = id(&world.contoso().post("/v1.0/users", body).created());
    let found = world
        .contoso()
        .get(&format!("/v1.0/users/ann_home.example%23EXT%23@{initial}"))
        .ok();
    assert_eq!(id(&found), guest);
}

#[test]
fn a_change_can_be_answered_with_the_object() {
    let world = World::new();
    let url = format!("/v1.0/users/{}", world.user("ann"));
    let client = world.contoso().header("prefer", "return=representation");
    let answer = client.patch(&url, json!({"jobTitle": "Pilot"}));
    assert_eq!(answer.ok()["jobTitle"], "Pilot");
    assert_eq!(answer.header("preference-applied"), "return=representation");
}

#[test]
fn mail_makes_the_primary_address() {
    let world = World::new();
    let url = format!("/v1.0/users/{}", world.user("ann"));
    world
        .contoso()
        .patch(&url, json!({"mail": "ann@contoso.example"}))
        .no_content();
    let user = world
        .contoso()
        .get(&format!("{url}?$select=mail,proxyAddresses"))
        .ok();
    assert_eq!(user["proxyAddresses"], json!(["SMTP:ann@contoso.example"]));
}

#[test]
fn a_deleted_user_is_gone_from_users() {
    let world = World::new();
    let url = format!("/v1.0/users/{}", world.user("ann"));
    world.contoso().delete(&url).no_content();
    world
        .contoso()
        .get(&url)
        .problem(404, "Request_ResourceNotFound");
    world
        .contoso()
        .delete(&url)
        .problem(404, "Request_ResourceNotFound");
    world
        .contoso()
        .get("/v1.0/users/ann@contoso.example")
        .problem(404, "Request_ResourceNotFound");
}

#[test]
fn revoking_sessions_answers_true_and_notes_the_moment() {
    let world = World::new();
    let url = format!("/v1.0/users/{}", world.user("ann"));
    let answer = world
        .contoso()
        .send("POST", &format!("{url}/revokeSignInSessions"), Vec::new())
        .ok();
    assert_eq!(answer["value"], true);
    let user = world
        .contoso()
        .get(&format!("{url}?$select=signInSessionsValidFromDateTime"))
        .ok();
    assert_eq!(
        user["signInSessionsValidFromDateTime"],
        "2022-12-10T12:00:00Z"
    );
}
