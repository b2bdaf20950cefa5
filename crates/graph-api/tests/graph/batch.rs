//! `POST /$batch`

use serde_json::{Value as Json, json};
use syncline_graph_api::{ItemAnswered, ItemsAnswered};

use crate::world::{PUBLIC_URL, World, person};

fn run(world: &World, requests: Json) -> Vec<Json> {
    let answer = world
        .contoso()
        .post("/v1.0/$batch", json!({"requests": requests}))
        .ok();
    answer["responses"].as_array().unwrap().clone()
}

#[test]
fn items_are_answered_as_if_they_had_come_alone() {
    let world = World::new();
    let responses = run(
        &world,
        json!([
            {"id": "1", "method": "POST", "url": "/users", "headers": {"Content-Type": "application/json"}, "body": person("ann"), "depends_on": []},
            {"id": "2", "method": "GET", "url": "users/ann@contoso.example?$select=displayName", "dependsOn": ["1"]},
            {"id": "3", "method": "DELETE", "url": "/users/ann@contoso.example", "dependsOn": ["2"]},
            {"id": "4", "method": "GET", "url": "/users/ann@contoso.example", "dependsOn": ["3"]},
            {"id": "5", "method": "GET", "url": "/groups", "dependsOn": ["4"]},
        ]),
    );
    let status: Vec<u64> = responses
        .iter()
        .map(|it| it["status"].as_u64().unwrap())
        .collect();
    assert_eq!(status, [201, 200, 204, 404, 424]);
    assert_eq!(responses[1]["body"]["displayName"], "ann");
    assert!(
        responses[1]["headers"]["Content-Type"]
            .as_str()
            .unwrap()
            .starts_with("application/json")
    );
    assert!(responses[2].get("body").is_none());
    assert_eq!(
        responses[3]["body"]["error"]["code"],
        "Request_ResourceNotFound"
    );
    assert_eq!(responses[4]["body"]["error"]["code"], "FailedDependency");
}

/// Whoever counts requests by their routes would see one of `/$batch`.
#[test]
fn the_answer_says_what_became_of_its_parts() {
    let world = World::new();
    let batch = json!({"requests": [
        {"id": "1", "method": "GET", "url": "/users"},
        {"id": "2", "method": "DELETE", "url": "/users/nobody@contoso.example"},
        {"id": "3", "method": "GET", "url": "/users", "dependsOn": ["2"]},
        {"id": "4", "method": "GET", "url": "/no-such-thing"},
    ]});
    let mut request = http::Request::post("/v1.0/$batch")
        .body(batch.to_string().into_bytes())
        .unwrap();
    let bearer = format!("Bearer {}", world.tenants.contoso.token);
    let headers = request.headers_mut();
    headers.insert("authorization", bearer.parse().unwrap());
    headers.insert("content-type", "application/json".parse().unwrap());
    let answer = syncline_graph_api::dispatch(&world.api, &request);
    let ItemsAnswered(items) = answer.extensions().get().unwrap();
    let item = |method, route, status| ItemAnswered {
        method,
        route,
        status,
    };
    assert_eq!(
        *items,
        [
            item("GET", Some("/users"), 200),
            item("DELETE", Some("/users/{id}"), 404),
            item("GET", None, 424),
            item("GET", None, 400),
        ]
    );
    let body: Json = serde_json::from_slice(answer.body()).unwrap();
    assert!(body["responses"][0].get("route").is_none(), "{body}");
}

fn headers(count: usize) -> Json {
    (0..count)
        .map(|number| (format!("x-{number}"), Json::from("")))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[test]
fn what_does_not_count_in_a_batch_is_passed_over() {
    let world = World::new();
    // Whoever builds values of such a depth refuses them.
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    let batch = format!(
        r#"{{"x": {deep}, "requests": 1, "Requests": [
            {{"x": {deep}, "ID": "1", "method": "get", "url": "/organization", "headers": {{"x": {deep}, "Accept": "application/json"}}}},
            {{"id": "2", "method": "POST", "url": "/users", "body": {deep}, "headers": null, "dependsOn": null}},
            {{"id": "3", "method": "GET", "url": "/organization", "headers": {}}}
        ], "y": {deep}}}"#,
        headers(100)
    );
    let answer = world
        .contoso()
        .header("content-type", "application/json")
        .send("POST", "/v1.0/$batch", batch.into_bytes())
        .ok();
    let status: Vec<&Json> = answer["responses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["status"])
        .collect();
    assert_eq!(status, [200, 400, 200]);
}

#[test]
fn malformed_batches_are_refused_as_a_whole() {
    let world = World::new();
    let get = |id: &str| json!({"id": id, "method": "GET", "url": "/users"});
    let many: Vec<Json> = (0..21).map(|number| get(&number.to_string())).collect();
    for body in [
        json!({}),
        json!({"requests": []}),
        json!({"requests": many}),
        json!({"requests": [1]}),
        json!({"requests": [{"method": "GET", "url": "/users"}]}),
        json!({"requests": [get("1"), get("1")]}),
        json!({"requests": [{"id": "1", "method": "GET", "url": "/users", "dependsOn": ["2"]}, get("2")]}),
        json!({"requests": [{"id": "1", "method": "GET", "url": "/users", "headers": 1}]}),
        json!({"requests": [{"id": "1", "method": "GET", "url": "/users", "headers": headers(101)}]}),
        json!({"requests": 1}),
        json!([]),
    ] {
        let answer = world.contoso().post("/v1.0/$batch", body);
        assert_eq!(answer.status, 400, "{}", answer.text());
    }
}

#[test]
fn an_item_can_not_be_absolute_a_batch_or_somebody_else() {
    let world = World::new();
    let stranger = format!("Bearer {}", world.tenants.fabrikam.token);
    let responses = run(
        &world,
        json!([
            {"id": "1", "method": "GET", "url": "https://graph.microsoft.com/v1.0/users"},
            {"id": "2", "method": "POST", "url": "/$batch", "body": {"requests": []}},
            {"id": "3", "method": "GET", "url": "/organization", "headers": {"Authorization": stranger}},
            {"id": "4", "method": "NO WAY", "url": "/organization"},
        ]),
    );
    let status: Vec<u64> = responses
        .iter()
        .map(|it| it["status"].as_u64().unwrap())
        .collect();
    assert_eq!(status, [400, 400, 200, 400]);
    assert_eq!(responses[2]["body"]["value"][0]["displayName"], "Contoso");
}

#[test]
fn no_spelling_of_a_batch_is_let_into_a_batch() {
    let world = World::new();
    let item = json!({"id": "1", "method": "GET", "url": "/organization"});
    for url in [
        "/$batch",
        "$BATCH",
        "//$batch/",
        "/%24batch",
        "/$%62atch",
        "/%24%62%61%74%63%68",
        "/$batch?x=1",
    ] {
        let responses = run(
            &world,
            json!([{"id": "1", "method": "POST", "url": url, "headers": {"Content-Type": "application/json"}, "body": {"requests": [item]}}]),
        );
        assert_eq!(responses[0]["status"], 400, "{url}: {}", responses[0]);
        assert_eq!(
            responses[0]["body"]["error"]["message"], "A batch cannot hold a batch.",
            "{url}"
        );
    }
}

#[test]
fn only_the_path_of_an_item_says_whether_it_is_absolute() {
    let world = World::new();
    world.user("ann");
    for url in [
        "/users?$filter=displayName eq 'http://x'",
        "/users?$search=\"displayName:ann\"",
        "/users?$filter=displayName eq 'Łódź \"{x}\" <y> |z^`\\ #1'",
        "/users/ann@contoso.example?x=https://y",
        "users?$select=id&x=a%20b+c",
    ] {
        let responses = run(&world, json!([{"id": "1", "method": "GET", "url": url}]));
        assert_eq!(responses[0]["status"], 200, "{url}: {}", responses[0]);
    }
    for url in [
        "https://graph.microsoft.com/v1.0/users?x=1",
        "HTTP://x",
        "//graph://x",
    ] {
        let responses = run(&world, json!([{"id": "1", "method": "GET", "url": url}]));
        assert_eq!(responses[0]["status"], 400, "{url}");
        let message = responses[0]["body"]["error"]["message"].to_string();
        assert!(message.contains("must be relative"), "{message}");
    }
}

#[test]
fn what_an_item_finds_is_what_it_would_find_alone() {
    let world = World::new();
    for name in ["http://x", "Łódź", "a\"b", "a#b", "a+b", "100%"] {
        let mut body = person("ann");
        body["displayName"] = json!(name);
        body["userPrincipalName"] = json!(format!("u{}@contoso.example", name.len()));
        let ann = world.contoso().post("/v1.0/users", body).created();
        let spelled = name.replace('%', "%25").replace('+', "%2B");
        let url = format!("/users?$filter=displayName eq '{spelled}'");
        let responses = run(&world, json!([{"id": "1", "method": "GET", "url": url}]));
        assert_eq!(
            responses[0]["body"]["value"][0]["id"], ann["id"],
            "{url}: {}",
            responses[0]
        );
        world
            .contoso()
            .delete(&format!("/v1.0/users/{}", ann["id"].as_str().unwrap()))
            .no_content();
    }
}

#[test]
fn pages_of_an_item_go_on_where_the_caller_can_follow() {
    let world = World::new();
    world.user("ann");
    world.user("bob");
    let batch = json!({"requests": [{"id": "1", "method": "GET", "url": "/users?$top=1"}]});
    let next = |agent: &str| {
        let client = world.contoso().header("user-agent", agent);
        let answer = client.post("/v1.0/$batch", batch.clone()).ok();
        answer["responses"][0]["body"]["@odata.nextLink"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let module = "Mozilla/5.0 (Linux; Ubuntu) PowerShell/7.4.0 Invoke-MgGraphRequest";
    assert!(next(module).starts_with("https://graph.microsoft.com/v1.0/users?"));
    assert!(next("curl/8.0").starts_with(PUBLIC_URL));
}
