//! What holds for every request: headers, versions, paths, methods, bodies, the error envelope.

use serde_json::json;

use crate::world::{PUBLIC_URL, World, id, person, reference, security_group};

#[test]
fn every_answer_has_its_ids_a_date_and_a_content_type() {
    let world = World::new();
    for answer in [
        world.contoso().get("/v1.0/users"),
        world.contoso().get("/v1.0/users/nobody"),
    ] {
        assert_eq!(answer.header("request-id").len(), 36);
        assert_eq!(
            answer.header("client-request-id"),
            answer.header("request-id")
        );
        assert_eq!(answer.header("date"), "Sat, 10 Dec 2022 12:00:00 GMT");
        assert!(
            answer
                .header("content-type")
                .starts_with("application/json;odata.metadata=minimal")
        );
        assert_eq!(answer.header("access-control-allow-origin"), "*");
    }
}

#[test]
fn the_callers_request_id_is_echoed() {
    let world = World::new();
    let client = world.contoso().header("client-request-id", "my-own-id");
    assert_eq!(
        client.get("/v1.0/users").header("client-request-id"),
        "my-own-id"
    );
    let error = client
        .get("/v1.0/users/nobody")
        .problem(404, "Request_ResourceNotFound");
    assert_eq!(error["innerError"]["client-request-id"], "my-own-id");
}

#[test]
fn the_envelope_has_a_date_without_zone_and_the_request_id() {
    let world = World::new();
    let answer = world.contoso().get("/v1.0/users/nobody@contoso.example");
    let error = answer.problem(404, "Request_ResourceNotFound");
    assert_eq!(
        error["message"],
        "Resource 'nobody@contoso.example' does not exist or one of its queried reference-property objects are not present."
    );
    assert_eq!(error["innerError"]["date"], "2022-12-10T12:00:00");
    assert_eq!(
        error["innerError"]["request-id"],
        answer.header("request-id")
    );
}

#[test]
fn both_versions_are_served_and_others_refused() {
    let world = World::new();
    for version in ["v1.0", "beta", "Beta"] {
        world.contoso().get(&format!("/{version}/users")).ok();
    }
    let error = world
        .contoso()
        .get("/v2.0/users")
        .problem(400, "BadRequest");
    assert_eq!(error["message"], "Invalid version.");
}

#[test]
fn contexts_name_the_version_and_the_public_url() {
    let world = World::new();
    let users = world.contoso().get("/beta/users").ok();
    assert_eq!(
        users["@odata.context"],
        format!("{PUBLIC_URL}/beta/$metadata#users")
    );
}

#[test]
fn an_unknown_segment_is_named() {
    let world = World::new();
    let error = world
        .contoso()
        .get("/v1.0/nonsense/1")
        .problem(400, "BadRequest");
    assert_eq!(
        error["message"],
        "Resource not found for the segment 'nonsense'."
    );
    let user = world.user("ann");
    let error = world
        .contoso()
        .get(&format!("/v1.0/users/{user}/nonsense"))
        .problem(400, "BadRequest");
    assert_eq!(
        error["message"],
        "Resource not found for the segment 'nonsense'."
    );
}

#[test]
fn a_wrong_method_is_405_and_says_which_are_allowed() {
    let world = World::new();
    let answer = world.contoso().put("/v1.0/users", json!({}));
    let error = answer.problem(405, "Request_BadRequest");
    assert_eq!(
        error["message"],
        "Specified HTTP method is not allowed for the request target."
    );
    assert_eq!(answer.header("allow"), "GET, POST");
}

#[test]
fn paths_match_in_any_case_and_with_a_trailing_slash() {
    let world = World::new();
    let user = world.user("ann");
    for url in [
        format!("/v1.0/USERS/{user}/"),
        format!("/v1.0//users/{user}"),
        format!("/v1.0/users('{user}')"),
        "/v1.0/users/ann@contoso.example".to_owned(),
        "/v1.0/users/ANN%40contoso.example".to_owned(),
        "/v1.0/users(userPrincipalName='ann@contoso.example')".to_owned(),
    ] {
        assert_eq!(id(&world.contoso().get(&url).ok()), user, "{url}");
    }
}

#[test]
fn functions_answer_in_all_four_spellings() {
    let world = World::new();
    for spelling in [
        "delta",
        "delta()",
        "microsoft.graph.delta",
        "microsoft.graph.delta()",
    ] {
        world.contoso().get(&format!("/v1.0/users/{spelling}")).ok();
    }
}

#[test]
fn bodies_that_are_no_json_object_are_refused() {
    let world = World::new();
    for body in ["", "{", "[]", "1", "null", "{\"displayName\": }", "\u{0}"] {
        let answer = world.contoso().send("POST", "/v1.0/users", body.into());
        let error = answer.problem(400, "BadRequest");
        assert!(
            error["message"]
                .as_str()
                .unwrap()
                .starts_with("Unable to read JSON request payload."),
            "{body:?}"
        );
    }
    // Nesting without end must not exhaust the stack.
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    world
        .contoso()
        .send("POST", "/v1.0/users", deep.into())
        .problem(400, "BadRequest");
}

#[test]
fn a_body_without_a_content_type_is_json_and_another_one_is_refused() {
    let world = World::new();
    let user = world.user("ann");
    let url = format!("/v1.0/users/{user}");
    let body = |title: &str| format!("{{\"jobTitle\":\"{title}\"}}").into_bytes();
    let sent_as = |content_type: &str| world.contoso().header("content-type", content_type);
    world
        .contoso()
        .send("PATCH", &url, body("Pilot"))
        .no_content();
    // As some clients send it when nobody told them.
    for empty in ["", " "] {
        sent_as(empty)
            .send("PATCH", &url, body("Pilot"))
            .no_content();
    }
    for known in [
        "application/json;odata.metadata=minimal",
        "Application/JSON",
    ] {
        sent_as(known)
            .send("PATCH", &url, body("Pilot"))
            .no_content();
    }
    for foreign in [
        "application/xml",
        "application/x-www-form-urlencoded",
        "text/plain;of=json",
    ] {
        let error = sent_as(foreign)
            .send("PATCH", &url, body("Spy"))
            .problem(400, "BadRequest");
        assert_eq!(
            error["message"],
            "Entity only allows writes with a JSON Content-Type header.",
        );
        // What has no body has none of another kind.
        sent_as(foreign).send("GET", &url, Vec::new()).ok();
        sent_as(foreign)
            .send("POST", &format!("{url}/revokeSignInSessions"), Vec::new())
            .ok();
    }
    assert_eq!(world.contoso().get(&url).ok()["jobTitle"], "Pilot");
    let item = json!({"id": "1", "method": "PATCH", "url": format!("/users/{user}"), "headers": {"Content-Type": "text/plain"}, "body": {"jobTitle": "Spy"}});
    let answers = world
        .contoso()
        .post("/v1.0/$batch", json!({"requests": [item]}))
        .ok();
    assert_eq!(answers["responses"][0]["status"], 400, "{answers}");
}

#[test]
fn a_byte_order_mark_is_no_error() {
    let world = World::new();
    let url = format!("/v1.0/users/{}", world.user("ann"));
    world
        .contoso()
        .send("PATCH", &url, "\u{feff}{\"jobTitle\":\"Pilot\"}".into())
        .no_content();
}

#[test]
fn names_match_in_any_case_and_the_last_duplicate_wins() {
    let world = World::new();
    let url = format!("/v1.0/users/{}", world.user("ann"));
    world
        .contoso()
        .send(
            "PATCH",
            &url,
            b"{\"JobTitle\":\"One\",\"jobtitle\":\"Two\"}".to_vec(),
        )
        .no_content();
    assert_eq!(world.contoso().get(&url).ok()["jobTitle"], "Two");
}

#[test]
fn annotations_are_ignored_and_contradicting_types_refused() {
    let world = World::new();
    let mut body = person("ann");
    body["@odata.type"] = json!("#microsoft.graph.user");
    body["@microsoft.graph.whatever"] = json!(1);
    body["jobTitle@odata.something"] = json!(1);
    world.contoso().post("/v1.0/users", body).created();
    let mut body = person("bob");
    body["@odata.type"] = json!("#microsoft.graph.group");
    world
        .contoso()
        .post("/v1.0/users", body)
        .problem(400, "BadRequest");
}

#[test]
fn references_that_an_action_does_not_bind_are_refused_by_name() {
    let world = World::new();
    let ann = world.user("ann");
    let group = world.group("sales");
    let url = reference(&ann)["@odata.id"].clone();
    let contoso = &world.tenants.contoso;
    let mut new_person = person("eve");
    new_person["sponsors@odata.bind"] = json!([url]);
    let mut new_group = security_group("x");
    new_group["acceptedSenders@odata.bind"] = json!([url]);
    let body = json!({"owners@odata.bind": [url]});
    let users = "/v1.0/users".to_owned();
    for (name, answer) in [
        ("sponsors", world.contoso().post(&users, new_person)),
        (
            "acceptedSenders",
            world.contoso().post("/v1.0/groups", new_group),
        ),
        (
            "directReports",
            world.contoso().patch(
                &format!("{users}/{ann}"),
                json!({"DirectReports@OData.Bind": [url]}),
            ),
        ),
        (
            "memberOf",
            world.contoso().patch(
                &format!("/v1.0/groups/{group}"),
                json!({"memberOf@odata.bind": url}),
            ),
        ),
        (
            "owners",
            world.contoso().patch(
                &format!("/v1.0/applications/{}", contoso.application),
                body.clone(),
            ),
        ),
        (
            "owners",
            world.contoso().patch(
                &format!("/v1.0/servicePrincipals/{}", contoso.service_principal),
                body,
            ),
        ),
    ] {
        let error = answer.problem(400, "Request_BadRequest");
        let message = error["message"].as_str().unwrap().to_ascii_lowercase();
        let annotation = format!("'{name}@odata.bind'").to_ascii_lowercase();
        assert!(message.contains(&annotation), "{message}");
    }
    // Clients send what they leave out, too.
    let body = json!({"owners@odata.bind": [], "memberOf@odata.bind": null});
    world
        .contoso()
        .patch(&format!("{users}/{ann}"), body)
        .no_content();
}

#[test]
fn a_concrete_if_match_never_matches() {
    let world = World::new();
    let url = format!("/v1.0/users/{}", world.user("ann"));
    let conditional = world.contoso().header("if-match", "W/\"abc\"");
    conditional
        .patch(&url, json!({"jobTitle": "Pilot"}))
        .problem(412, "PreconditionFailed");
    world
        .contoso()
        .header("if-match", "*")
        .patch(&url, json!({"jobTitle": "Pilot"}))
        .no_content();
}

#[test]
fn options_answers_a_browser_without_a_token() {
    let world = World::new();
    let answer = world.anonymous().send("OPTIONS", "/v1.0/users", Vec::new());
    assert_eq!(answer.status, 204);
    assert!(
        answer
            .header("access-control-allow-headers")
            .contains("ConsistencyLevel")
    );
}

#[test]
fn head_is_get_without_a_body() {
    let world = World::new();
    let answer = world.contoso().send("HEAD", "/v1.0/users", Vec::new());
    assert_eq!((answer.status, answer.body.len()), (200, 0));
}

#[test]
fn query_options_that_do_not_exist_are_refused_and_custom_ones_ignored() {
    let world = World::new();
    world
        .contoso()
        .get("/v1.0/users?$nonsense=1")
        .problem(400, "Request_UnsupportedQuery");
    world.contoso().get("/v1.0/users?nonsense=1").ok();
    world
        .contoso()
        .get("/v1.0/users?$top=0")
        .problem(400, "Request_UnsupportedQuery");
    world
        .contoso()
        .get("/v1.0/users?$top=1000")
        .problem(400, "Request_UnsupportedQuery");
    world
        .contoso()
        .get("/v1.0/users?$top=many")
        .problem(400, "BadRequest");
    world
        .contoso()
        .get("/v1.0/users?$skip=1")
        .problem(400, "Request_UnsupportedQuery");
}

#[test]
fn references_to_nothing_are_refused() {
    let world = World::new();
    let url = format!("/v1.0/users/{}/manager/$ref", world.user("ann"));
    let nobody = "01234567-89ab-4def-8123-456789abcdef";
    world
        .contoso()
        .put(&url, reference(nobody))
        .problem(404, "Request_ResourceNotFound");
    for body in [
        json!({}),
        json!({"@odata.id": 1}),
        json!({"@odata.id": "https://x/"}),
        json!({"@odata.id": "https://x/v1.0/drives/1"}),
    ] {
        world
            .contoso()
            .put(&url, body)
            .problem(400, "Request_BadRequest");
    }
}

#[test]
fn a_request_that_the_server_named_keeps_its_id_and_says_which_route_it_took() {
    let world = World::new();
    let named = syncline_model::RequestId::from_bytes([7; 16]);
    let mut request = http::Request::get("/v1.0/users/nobody")
        .body(Vec::new())
        .unwrap();
    request.extensions_mut().insert(named);
    let bearer = format!("Bearer {}", world.tenants.contoso.token);
    request
        .headers_mut()
        .insert("authorization", bearer.parse().unwrap());
    let answer = syncline_graph_api::dispatch(&world.api, &request);
    assert_eq!(answer.headers()["request-id"], named.to_string().as_str());
    let body: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(
        body["error"]["innerError"]["request-id"],
        named.to_string().as_str()
    );
    assert_eq!(
        answer.extensions().get(),
        Some(&syncline_graph_api::RouteTaken("/users/{id}"))
    );
}

/// As clients do that read an object, change it and send it back.
#[test]
fn a_patch_may_name_the_id_of_what_it_changes_and_no_other() {
    let world = World::new();
    let admin = world.contoso();
    let tenant = &world.tenants.contoso;
    for (set, own) in [
        ("users", world.user("ann")),
        ("groups", world.group("crew")),
        ("applications", tenant.application.to_string()),
        ("servicePrincipals", tenant.service_principal.to_string()),
    ] {
        let url = format!("/v1.0/{set}/{own}");
        admin
            .patch(&url, json!({"id": own, "displayName": "New"}))
            .no_content();
        let shown = admin.get(&url).ok();
        assert_eq!(
            (&shown["id"], &shown["displayName"]),
            (&json!(own), &json!("New"))
        );
        for other in [json!(tenant.graph.to_string()), json!(null)] {
            let error = admin
                .patch(&url, json!({"id": other, "displayName": "Newer"}))
                .problem(400, "Request_BadRequest");
            assert_eq!(error["details"][0]["code"], "PropertyReadOnly");
        }
    }
}
