//! Lists of users: filters, order, pages, counts.

mod filters;

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

/// A proxy, or a library that sends each preference by itself, makes several lines of them.
#[test]
fn a_preferred_page_size_counts_in_any_line_and_spelling() {
    let world = World::new();
    ten(&world);
    let client = world.contoso().header("prefer", "return=minimal");
    for (line, found) in [
        ("odata.maxpagesize=4", 4),
        ("respond-async, OData.MaxPageSize = \"3\"; x=y", 3),
        ("odata.maxpagesize=2, odata.maxpagesize=5", 2),
        ("xodata.maxpagesize=2", 10),
    ] {
        let answer = client.another_line("prefer", line).get("/v1.0/users");
        assert_eq!(each(&answer.ok(), "id").len(), found, "{line}");
    }
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
