//! Lists of users: filters, order, pages, counts.

use serde_json::{Value as Json, json};

use crate::world::{PUBLIC_URL, World, each, names, text};

/// Ten users, u0 to u9; the even ones work in Sales.
fn ten(world: &World) -> Vec<String> {
    let admin = world.contoso();
    (0..10)
        .map(|number| {
            let user = world.user(&format!("u{number}"));
            let department = if number % 2 == 0 { "Sales" } else { "Research" };
            admin
                .patch(
                    &format!("/v1.0/users/{user}"),
                    json!({"department": department, "surname": format!("S{}", 9 - number)}),
                )
                .no_content();
            user
        })
        .collect()
}

fn aliases(items: &[Json]) -> Vec<String> {
    items.iter().map(|it| text(it, "displayName")).collect()
}

#[test]
fn a_collection_has_a_context_and_items_without_a_type() {
    let world = World::new();
    world.user("ann");
    let users = world.contoso().get("/v1.0/users").ok();
    assert_eq!(names(&users), ["@odata.context", "value"]);
    assert!(users["value"][0].get("@odata.type").is_none());
    assert_eq!(users["value"][0].as_object().unwrap().len(), 11);
}

#[test]
fn pages_are_followed_to_the_end_and_hold_everybody_once() {
    let world = World::new();
    let ids = ten(&world);
    let page = world.contoso().get("/v1.0/users?$top=3&$select=id").ok();
    assert_eq!(each(&page, "id").len(), 3);
    let link = page["@odata.nextLink"].as_str().unwrap();
    assert!(
        link.starts_with(&format!("{PUBLIC_URL}/v1.0/users?")),
        "{link}"
    );
    assert!(
        link.contains("$top=3") && link.contains("$select=id") && link.contains("$skiptoken="),
        "{link}"
    );
    let all: Vec<String> = world
        .contoso()
        .all("/v1.0/users?$top=3&$select=id")
        .iter()
        .map(|it| text(it, "id"))
        .collect();
    assert_eq!(all, ids);
    // A page that ends with the last user has no next link.
    let page = world.contoso().get("/v1.0/users?$top=10").ok();
    assert!(page.get("@odata.nextLink").is_none());
}

#[test]
fn a_list_of_many_ids_is_followed_to_its_end() {
    let world = World::new();
    let ids: Vec<String> = world.crowd(250).iter().map(ToString::to_string).collect();
    world.user("ann");
    let filter = format!("$filter=id in ('{}')", ids.join("','"));
    for version in ["v1.0", "beta"] {
        let url = format!("/{version}/users?{filter}&$top=60&$select=id");
        let page = world.contoso().get(&url).ok();
        let link = text(&page, "@odata.nextLink");
        assert!(link.len() < url.len(), "{}", link.len());
        assert!(link.contains("$top=60&$skiptoken="), "{link}");
        let found = world.contoso().all(&url);
        let found: Vec<String> = found.iter().map(|it| text(it, "id")).collect();
        assert_eq!(found, ids);
    }
}

#[test]
fn a_preferred_page_size_counts() {
    let world = World::new();
    ten(&world);
    let client = world.contoso().header("prefer", "odata.maxpagesize=4");
    let applied = "odata.maxpagesize=4";
    for (url, found, told) in [
        ("/v1.0/users", 4, applied),
        ("/v1.0/users/delta", 4, applied),
        // What the address says goes before.
        ("/v1.0/users?$top=3", 3, ""),
    ] {
        let answer = client.get(url);
        assert_eq!(each(&answer.ok(), "id").len(), found, "{url}");
        assert_eq!(answer.header("preference-applied"), told, "{url}");
    }
    let answer = world.contoso().get("/v1.0/users");
    answer.ok();
    assert_eq!(answer.header("preference-applied"), "");
}

#[test]
fn the_powershell_module_gets_links_to_microsofts_host_and_nobody_else() {
    let world = World::new();
    ten(&world);
    let module = world
        .contoso()
        .header("sdkversion", "graph-powershell/2.19.0");
    let link = module.get("/v1.0/users?$top=3").ok()["@odata.nextLink"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        link.starts_with("https://graph.microsoft.com/v1.0/users?"),
        "{link}"
    );
    let script = world.contoso().header(
        "user-agent",
        "Mozilla/5.0 (Windows NT 10.0) PowerShell/7.4.1",
    );
    let link = script.get("/v1.0/users?$top=3").ok()["@odata.nextLink"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(link.starts_with(PUBLIC_URL), "{link}");
}

#[test]
fn page_tokens_that_are_none_or_belong_elsewhere_are_refused() {
    let world = World::new();
    ten(&world);
    world
        .contoso()
        .get("/v1.0/users?$skiptoken=%21%21")
        .problem(400, "BadRequest");
    world
        .contoso()
        .get("/v1.0/users?$skiptoken=AAAAAAAAAAAA")
        .problem(400, "Directory_ExpiredPageToken");
    let link = world.contoso().get("/v1.0/users?$top=3").ok()["@odata.nextLink"]
        .as_str()
        .unwrap()
        .to_owned();
    let (_, token) = link.split_once("$skiptoken=").unwrap();
    world
        .contoso()
        .get(&format!("/v1.0/groups?$skiptoken={token}"))
        .problem(400, "Directory_ExpiredPageToken");
}

#[test]
fn a_page_token_of_another_tenant_shows_nothing_of_it() {
    let world = World::new();
    ten(&world);
    let link = world.contoso().get("/v1.0/users?$top=3").ok()["@odata.nextLink"]
        .as_str()
        .unwrap()
        .to_owned();
    let url = link.strip_prefix(PUBLIC_URL).unwrap();
    world
        .fabrikam()
        .get(url)
        .problem(400, "Directory_ExpiredPageToken");
}

#[test]
fn filters_find_by_any_property_and_in_any_case() {
    let world = World::new();
    ten(&world);
    for (filter, found) in [
        ("department eq 'sales'", 5),
        ("startsWith(displayName,'U1')", 1),
        ("endsWith(userPrincipalName,'@contoso.example')", 10),
        ("userPrincipalName eq 'U3@contoso.example'", 1),
        (
            "userPrincipalName eq 'u3@contoso.example' and department eq 'Sales'",
            0,
        ),
        ("displayName in ('u1','u2','u99')", 2),
        ("not(department eq 'Sales')", 5),
        ("department ne 'Sales'", 5),
        ("accountEnabled eq true", 10),
        ("jobTitle eq null", 10),
        ("createdDateTime ge 2022-12-10T00:00:00Z", 10),
        ("createdDateTime gt 2022-12-11", 0),
        (
            "identities/any(i:i/issuerAssignedId eq 'u4@contoso.example')",
            1,
        ),
        (
            "(department eq 'Sales' or displayName eq 'u1') and accountEnabled eq true",
            6,
        ),
    ] {
        assert_eq!(
            world
                .contoso()
                .all(&format!("/v1.0/users?$filter={filter}"))
                .len(),
            found,
            "{filter}"
        );
    }
}

#[test]
fn filters_by_id_read_only_these() {
    let world = World::new();
    let ids = ten(&world);
    let filter = format!(
        "id in ('{}','{}','01234567-89ab-4def-8123-456789abcdef')",
        ids[1], ids[7]
    );
    let found = world
        .contoso()
        .all(&format!("/v1.0/users?$filter={filter}"));
    assert_eq!(aliases(&found), ["u1", "u7"]);
    let found = world
        .contoso()
        .all(&format!("/v1.0/users?$filter=id eq '{}'", ids[2]));
    assert_eq!(aliases(&found), ["u2"]);
}

#[test]
fn a_filter_by_mail_reads_the_key() {
    let world = World::new();
    let ids = ten(&world);
    world
        .contoso()
        .patch(
            &format!("/v1.0/users/{}", ids[5]),
            json!({"mail": "five@contoso.example"}),
        )
        .no_content();
    let found = world
        .contoso()
        .all("/v1.0/users?$filter=mail eq 'FIVE@contoso.example'");
    assert_eq!(aliases(&found), ["u5"]);
}

#[test]
fn filtered_pages_are_followed_to_the_end() {
    let world = World::new();
    ten(&world);
    let found = world
        .contoso()
        .all("/v1.0/users?$filter=department eq 'Sales'&$top=2");
    assert_eq!(aliases(&found), ["u0", "u2", "u4", "u6", "u8"]);
}

#[test]
fn bad_filters_are_refused() {
    let world = World::new();
    for (filter, code) in [
        ("nonsense eq 'x'", "Request_BadRequest"),
        ("department eq", "BadRequest"),
        ("contains(displayName,'x')", "Request_UnsupportedQuery"),
        ("accountEnabled eq 'x'", "Request_BadRequest"),
        ("passwordProfile eq 'x'", "Request_UnsupportedQuery"),
    ] {
        world
            .contoso()
            .get(&format!("/v1.0/users?$filter={filter}"))
            .problem(400, code);
    }
}

#[test]
fn sorted_pages_are_followed_to_the_end() {
    let world = World::new();
    ten(&world);
    for top in [3, 4, 10, 100] {
        let found = world
            .contoso()
            .all(&format!("/v1.0/users?$orderby=displayName desc&$top={top}"));
        assert_eq!(
            aliases(&found),
            ["u9", "u8", "u7", "u6", "u5", "u4", "u3", "u2", "u1", "u0"],
            "{top}"
        );
    }
    let found = world
        .contoso()
        .all("/v1.0/users?$orderby=userPrincipalName&$filter=department eq 'Research'&$top=2");
    assert_eq!(aliases(&found), ["u1", "u3", "u5", "u7", "u9"]);
    world
        .contoso()
        .get("/v1.0/users?$orderby=department")
        .problem(400, "Request_UnsupportedQuery");
}

#[test]
fn equal_sort_keys_are_not_lost_between_pages() {
    let world = World::new();
    for number in 0..7 {
        let user = world.user(&format!("u{number}"));
        world
            .contoso()
            .patch(
                &format!("/v1.0/users/{user}"),
                json!({"displayName": "Same"}),
            )
            .no_content();
    }
    let found = world
        .contoso()
        .all("/v1.0/users?$orderby=displayName&$top=2");
    let mut ids: Vec<String> = found.iter().map(|it| text(it, "id")).collect();
    ids.dedup();
    assert_eq!(ids.len(), 7);
}

#[test]
fn counts_come_with_the_first_page_and_alone() {
    let world = World::new();
    ten(&world);
    let client = world.contoso().eventual();
    let page = client
        .get("/v1.0/users?$count=true&$top=3&$filter=department eq 'Sales'")
        .ok();
    assert_eq!(page["@odata.count"], 5);
    let next = page["@odata.nextLink"]
        .as_str()
        .unwrap()
        .strip_prefix(PUBLIC_URL)
        .unwrap()
        .to_owned();
    assert!(client.get(&next).ok().get("@odata.count").is_none());
    let count = client.get("/v1.0/users/$count");
    assert_eq!(
        (count.status, count.header("content-type"), count.text()),
        (200, "text/plain", "10".to_owned())
    );
    assert_eq!(
        client
            .get("/v1.0/users/$count?$filter=department eq 'Sales'")
            .text(),
        "5"
    );
}

#[test]
fn strict_mode_asks_for_the_header_as_graph_does() {
    let world = World::strict();
    world.user("ann");
    let plain = world.contoso();
    let error = plain
        .get("/v1.0/users/$count")
        .problem(400, "Request_BadRequest");
    assert_eq!(error["message"], "$count is not currently supported.");
    assert!(
        plain
            .get("/v1.0/users?$count=true")
            .ok()
            .get("@odata.count")
            .is_none()
    );
    plain
        .get("/v1.0/users?$search=\"displayName:ann\"")
        .problem(400, "Request_UnsupportedQuery");
    plain
        .get("/v1.0/users?$filter=department ne 'x'")
        .problem(400, "Request_UnsupportedQuery");
    plain
        .get("/v1.0/users?$filter=displayName eq 'one ne two'")
        .ok();
    let advanced = plain.eventual();
    assert_eq!(advanced.get("/v1.0/users/$count").text(), "1");
    assert_eq!(
        advanced
            .get("/v1.0/users?$count=true&$filter=department ne 'x'")
            .ok()["@odata.count"],
        1
    );
    advanced.get("/v1.0/users?$search=\"displayName:ann\"").ok();
}

#[test]
fn search_finds_words_by_their_beginning() {
    let world = World::new();
    let ann = world.user("ann");
    world.user("bob");
    world
        .contoso()
        .patch(
            &format!("/v1.0/users/{ann}"),
            json!({"displayName": "Ann Mario Lee"}),
        )
        .no_content();
    let client = world.contoso().eventual();
    for (search, found) in [
        ("\"displayName:mar\"", 1),
        ("\"displayName:ari\"", 0),
        ("\"displayName:ann\" OR \"displayName:bob\"", 2),
    ] {
        assert_eq!(
            client.all(&format!("/v1.0/users?$search={search}")).len(),
            found,
            "{search}"
        );
    }
    client
        .get("/v1.0/users?$search=mario")
        .problem(400, "BadRequest");
}

#[test]
fn search_finds_words_behind_symbols_and_in_any_order() {
    let world = World::new();
    let client = world.contoso().eventual();
    let (ann, sales) = (world.user("ann"), world.group("sales"));
    world.user("bob");
    world.group("other");
    world.join(&sales, &ann);
    let name = json!({"displayName": "Ana-Maria Souza (Contoso)"});
    client
        .patch(&format!("/v1.0/users/{ann}"), name)
        .no_content();
    let words = json!({"displayName": "EMEA-Sales", "description": "People of EMEA/Sales"});
    client
        .patch(&format!("/v1.0/groups/{sales}"), words)
        .no_content();
    for (url, search, found) in [
        ("users".to_owned(), "displayName:Contoso", vec![&ann]),
        ("users".to_owned(), "displayName:souza maria", vec![&ann]),
        ("users".to_owned(), "displayName:ontoso", vec![]),
        ("groups".to_owned(), "displayName:sales", vec![&sales]),
        (
            "groups".to_owned(),
            "description:sales people",
            vec![&sales],
        ),
        (
            format!("groups/{sales}/members"),
            "displayName:(contoso)",
            vec![&ann],
        ),
        (
            format!("users/{ann}/memberOf"),
            "displayName:sales",
            vec![&sales],
        ),
    ] {
        let items = client.all(&format!("/v1.0/{url}?$search=\"{search}\""));
        let ids: Vec<String> = items.iter().map(|it| text(it, "id")).collect();
        assert_eq!(ids.iter().collect::<Vec<_>>(), found, "{url} {search}");
        let both =
            format!("/v1.0/{url}?$search=\"{search}\"&$filter=id eq '{ann}' or id eq '{sales}'");
        assert_eq!(client.all(&both).len(), found.len(), "{both}");
    }
}

#[test]
fn managers_are_expanded() {
    let world = World::new();
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    world
        .contoso()
        .put(
            &format!("/v1.0/users/{ann}/manager/$ref"),
            crate::world::reference(&bob),
        )
        .no_content();
    let users = world
        .contoso()
        .get("/v1.0/users?$expand=manager($levels=max;$select=id,displayName)&$select=displayName")
        .ok();
    let manager = &users["value"][0]["manager"];
    assert_eq!(
        (
            &manager["id"],
            &manager["displayName"],
            &manager["@odata.type"]
        ),
        (&json!(bob), &json!("bob"), &json!("#microsoft.graph.user"))
    );
    assert!(users["value"][1].get("manager").is_none());
    world
        .contoso()
        .get("/v1.0/users?$expand=nonsense")
        .problem(400, "BadRequest");
}

#[test]
fn options_may_come_without_a_dollar_and_encoded_in_any_way() {
    let world = World::new();
    ten(&world);
    for query in [
        "filter=department eq 'Sales'",
        "%24filter=department%20eq%20%27Sales%27",
        "$filter=department+eq+'Sales'",
        "$FILTER=Department eq 'Sales'",
    ] {
        let answer = world.contoso().get(&format!("/beta/users?{query}"));
        assert_eq!(each(&answer.ok(), "id").len(), 5, "{query}");
    }
}

#[test]
fn filters_by_keys_find_in_any_combination_what_a_walk_would_find() {
    let world = World::new();
    let ids = ten(&world);
    let admin = world.contoso();
    admin
        .patch(
            &format!("/v1.0/users/{}", ids[3]),
            json!({"mail": "Mailbox3@contoso.example"}),
        )
        .no_content();
    admin
        .delete(&format!("/v1.0/users/{}", ids[4]))
        .no_content();
    let (first, fourth) = (&ids[1], &ids[4]);
    let upper = ids[2].to_uppercase();
    for (filter, expected) in [
        ("userPrincipalName eq 'U0@contoso.example'".to_owned(), vec!["u0"]),
        (
            "userPrincipalName eq 'u0@contoso.example' or mail eq 'mailbox3@CONTOSO.example'".to_owned(),
            vec!["u0", "u3"],
        ),
        (
            "proxyAddresses/any(p: p eq 'smtp:mailbox3@contoso.example')".to_owned(),
            vec!["u3"],
        ),
        (
            format!("id in ('{first}', '{upper}', '{fourth}') and department eq 'Research'"),
            vec!["u1"],
        ),
        (
            "userPrincipalName in ('u5@contoso.example', 'u6@contoso.example', 'u99@contoso.example')".to_owned(),
            vec!["u5", "u6"],
        ),
        (
            "not (userPrincipalName ne 'u7@contoso.example') and accountEnabled eq true".to_owned(),
            vec!["u7"],
        ),
        (
            "userPrincipalName eq 'u0@contoso.example' or surname eq 'S0'".to_owned(),
            vec!["u0", "u9"],
        ),
    ] {
        let query = format!(
            "/v1.0/users?$filter={}",
            filter.replace(' ', "%20").replace('\'', "%27")
        );
        assert_eq!(aliases(&admin.all(&query)), expected, "{filter}");
        let page = admin.all(&format!("{query}&$top=1"));
        assert_eq!(aliases(&page), expected, "{filter}, one by one");
    }
}
