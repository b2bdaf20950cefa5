//! `GET /users/delta`

use serde_json::{Value as Json, json};
use syncline_directory::tombstones;
use syncline_model::{Clock as _, EntityKind, Entry, ObjectId};
use syncline_odata::skiptoken::DeltaToken;
use syncline_store::StoreError;

use crate::world::{Client, PUBLIC_URL, World, id, names, reference};

/// Follows a round to its end: the items and the delta link.
pub fn round(client: &Client<'_>, url: &str) -> (Vec<Json>, String) {
    let mut items = Vec::new();
    let mut url = url.to_owned();
    loop {
        let page = client.get(&url).ok();
        items.extend(page["value"].as_array().unwrap().iter().cloned());
        let (next, delta) = (
            page["@odata.nextLink"].as_str(),
            page["@odata.deltaLink"].as_str(),
        );
        assert!(
            next.is_some() != delta.is_some(),
            "exactly one link: {page}"
        );
        let link = next
            .or(delta)
            .unwrap()
            .strip_prefix(PUBLIC_URL)
            .unwrap()
            .to_owned();
        if delta.is_some() {
            return (items, link);
        }
        url = link;
    }
}

/// Graph would tell nothing; docs/reference/graph.md says why we do.
#[test]
fn a_change_of_what_was_not_selected_is_told_without_it() {
    let world = World::new();
    let ann = world.user("ann");
    let contoso = world.contoso();
    let (_, link) = round(&contoso, "/v1.0/users/delta?$select=displayName");
    let city = json!({"city": "Porto"});
    contoso
        .patch(&format!("/v1.0/users/{ann}"), city)
        .no_content();
    let (items, _) = round(&contoso, &link);
    assert_eq!(items.len(), 1);
    assert_eq!(names(&items[0]), ["displayName", "id"]);
}

/// Whoever waits for their changes would think that there are none.
#[test]
fn references_that_no_round_tells_of_are_refused_by_name() {
    let world = World::new();
    let ann = world.user("ann");
    let contoso = world.contoso();
    for (url, name) in [
        ("/v1.0/users/delta?$select=displayName,sponsors", "sponsors"),
        ("/v1.0/users/delta?$select=manager,MemberOf", "memberOf"),
        (
            "/v1.0/users/delta?$deltatoken=latest&$select=directReports",
            "directReports",
        ),
        ("/v1.0/groups/delta?$select=members,owners", "owners"),
    ] {
        let error = contoso.get(url).problem(400, "Request_UnsupportedQuery");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(&format!("'{name}'")), "{url}: {message}");
    }
    // Links that an earlier version gave stay good.
    let (_, link) = round(&contoso, "/v1.0/users/delta?$select=displayName");
    let (path, text) = link.split_once("deltatoken=").unwrap();
    let token = DeltaToken {
        select: Some("displayName,sponsors".to_owned()),
        ..decoded(&world, text)
    };
    let token = token.encode(world.tenants.contoso.id);
    contoso
        .patch(&format!("/v1.0/users/{ann}"), json!({"displayName": "Ann"}))
        .no_content();
    let old = format!("{path}deltatoken={token}");
    let (items, _) = round(&contoso, &old);
    assert_eq!(items, [json!({"id": ann, "displayName": "Ann"})]);
    // Where they lead once they are gone is good as well.
    let of_them_alone = DeltaToken {
        select: Some("sponsors,memberOf".to_owned()),
        ..decoded(&world, text)
    };
    let of_them_alone = of_them_alone.encode(world.tenants.contoso.id);
    world.clock.advance_seconds(7 * 86_400 + 1);
    let tenant = &world.tenants.contoso;
    let request = syncline_access::AppTokenRequest::new(tenant.id, tenant.app_id);
    let access = world.access.issue_app_token(&request).unwrap().token;
    let client = world.client(&access);
    let links = [
        (old, json!({"id": ann, "displayName": "Ann"})),
        (
            format!("{path}deltatoken={of_them_alone}"),
            json!({"id": ann}),
        ),
    ];
    for (link, told) in links {
        let answer = client.get(&link);
        answer.problem(410, "resyncRequired");
        let location = answer.header("location").to_owned();
        let (items, _) = round(&client, location.strip_prefix(PUBLIC_URL).unwrap());
        assert_eq!(items, [told], "{location}");
    }
}

#[test]
fn the_first_round_shows_everybody_and_the_next_one_only_changes() {
    let world = World::new();
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let (items, link) = round(
        &world.contoso(),
        "/v1.0/users/delta?$select=displayName,department",
    );
    assert_eq!(items.len(), 2);
    assert_eq!(
        names(&items[0]),
        ["displayName", "id"],
        "a property without a value is left out"
    );
    let (items, link) = round(&world.contoso(), &link);
    assert!(items.is_empty());
    world
        .contoso()
        .patch(
            &format!("/v1.0/users/{bob}"),
            json!({"department": "Sales"}),
        )
        .no_content();
    let (items, link) = round(&world.contoso(), &link);
    assert_eq!(
        items,
        [json!({"id": bob, "displayName": "bob", "department": "Sales"})]
    );
    world
        .contoso()
        .patch(&format!("/v1.0/users/{bob}"), json!({"department": null}))
        .no_content();
    let (items, link) = round(&world.contoso(), &link);
    assert_eq!(
        items,
        [json!({"id": bob, "displayName": "bob", "department": null})],
        "a cleared property is null"
    );
    let carl = world.user("carl");
    world
        .contoso()
        .delete(&format!("/v1.0/users/{ann}"))
        .no_content();
    let (items, link) = round(&world.contoso(), &link);
    assert_eq!(items.len(), 2);
    assert_eq!(id(&items[0]), carl);
    assert_eq!(
        items[1],
        json!({"id": ann, "@removed": {"reason": "changed"}})
    );
    world
        .contoso()
        .delete(&format!("/v1.0/directory/deletedItems/{ann}"))
        .no_content();
    let (items, _) = round(&world.contoso(), &link);
    assert_eq!(
        items,
        [json!({"id": ann, "@removed": {"reason": "deleted"}})]
    );
}

#[test]
fn a_large_first_round_has_pages_and_loses_no_change_made_during_it() {
    let world = World::new();
    let users: Vec<String> = (0..120)
        .map(|number| world.user(&format!("u{number}")))
        .collect();
    let page = world
        .contoso()
        .get("/v1.0/users/delta?$select=displayName")
        .ok();
    assert_eq!(page["value"].as_array().unwrap().len(), 100);
    // Changed after its page went out.
    world
        .contoso()
        .patch(
            &format!("/v1.0/users/{}", users[0]),
            json!({"displayName": "new"}),
        )
        .no_content();
    let next = page["@odata.nextLink"]
        .as_str()
        .unwrap()
        .strip_prefix(PUBLIC_URL)
        .unwrap();
    let (items, link) = round(&world.contoso(), next);
    assert_eq!(items.len(), 20);
    let (items, _) = round(&world.contoso(), &link);
    assert_eq!(items, [json!({"id": users[0], "displayName": "new"})]);
}

#[test]
fn many_changes_have_pages_too() {
    let world = World::new();
    let (_, link) = round(&world.contoso(), "/v1.0/users/delta?$select=displayName");
    for number in 0..130 {
        world.user(&format!("u{number}"));
    }
    let page = world.contoso().get(&link).ok();
    assert_eq!(page["value"].as_array().unwrap().len(), 100);
    let (items, _) = round(&world.contoso(), &link);
    assert_eq!(items.len(), 130);
}

#[test]
fn latest_skips_the_first_round() {
    let world = World::new();
    world.user("ann");
    let (items, link) = round(
        &world.contoso(),
        "/v1.0/users/delta?$deltatoken=latest&$select=displayName",
    );
    assert!(items.is_empty());
    let bob = world.user("bob");
    let (items, _) = round(&world.contoso(), &link);
    assert_eq!(items, [json!({"id": bob, "displayName": "bob"})]);
}

#[test]
fn managers_are_followed_when_selected() {
    let world = World::new();
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    world
        .contoso()
        .put(&format!("/v1.0/users/{ann}/manager/$ref"), reference(&bob))
        .no_content();
    let (items, link) = round(
        &world.contoso(),
        "/v1.0/users/delta?$select=displayName,manager",
    );
    assert_eq!(
        items[0]["manager@delta"],
        json!([{"@odata.type": "#microsoft.graph.user", "id": bob}])
    );
    let (_, unfollowed) = round(&world.contoso(), "/v1.0/users/delta?$select=displayName");
    world
        .contoso()
        .delete(&format!("/v1.0/users/{ann}/manager/$ref"))
        .no_content();
    let (items, _) = round(&world.contoso(), &link);
    assert_eq!(
        (id(&items[0]), &items[0]["manager@delta"]),
        (
            ann,
            &json!([{"@odata.type": "#microsoft.graph.user", "id": bob, "@removed": {"reason": "deleted"}}])
        )
    );
    assert!(round(&world.contoso(), &unfollowed).0.is_empty());
}

#[test]
fn only_filters_on_ids_are_known() {
    let world = World::new();
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    world.user("carl");
    let url =
        format!("/v1.0/users/delta?$select=displayName&$filter=id eq '{ann}' or id eq '{bob}'");
    let (items, link) = round(&world.contoso(), &url);
    assert_eq!(items.len(), 2);
    world.user("dora");
    world
        .contoso()
        .patch(&format!("/v1.0/users/{bob}"), json!({"displayName": "new"}))
        .no_content();
    let (items, _) = round(&world.contoso(), &link);
    assert_eq!(items, [json!({"id": bob, "displayName": "new"})]);
    for query in [
        "$filter=displayName eq 'x'",
        "$top=5",
        "$skip=5",
        "$orderby=displayName",
        "$expand=manager",
        "$search=\"displayName:x\"",
    ] {
        world
            .contoso()
            .get(&format!("/v1.0/users/delta?{query}"))
            .problem(400, "Request_UnsupportedQuery");
    }
}

#[test]
fn old_tokens_are_gone_and_broken_ones_refused() {
    let world = World::new();
    let (_, link) = round(&world.contoso(), "/v1.0/users/delta");
    world.clock.advance_seconds(7 * 86_400 + 1);
    let token = world
        .access
        .issue_app_token(&syncline_access::AppTokenRequest::new(
            world.tenants.contoso.id,
            world.tenants.contoso.app_id,
        ))
        .unwrap()
        .token;
    let client = world.client(&token);
    let answer = client.get(&link);
    answer.problem(410, "resyncRequired");
    assert_eq!(
        answer.header("location"),
        format!("{PUBLIC_URL}/v1.0/users/delta?$deltatoken=")
    );
    client
        .get("/v1.0/users/delta?$deltatoken=%21")
        .problem(400, "BadRequest");
    client
        .get("/v1.0/users/delta?$deltatoken=AAAAAAAAAAAA")
        .problem(410, "syncStateNotFound");
    let (_, users) = round(&client, "/v1.0/users/delta");
    let (_, token) = users.split_once("$deltatoken=").unwrap();
    client
        .get(&format!("/v1.0/groups/delta?$deltatoken={token}"))
        .problem(410, "syncStateNotFound");
}

fn decoded(world: &World, token: &str) -> DeltaToken {
    DeltaToken::decode(token, "users/delta", world.tenants.contoso.id).unwrap()
}

/// Its numbers are those of another tenant's changes, and would pass over some of this one's.
#[test]
fn a_link_of_another_tenant_is_gone_and_says_where_to_start_again() {
    let world = World::new();
    world.user("ann");
    let (contoso, fabrikam) = (world.contoso(), world.fabrikam());
    let of_contoso = |url: &str| round(&contoso, url).1;
    let small = contoso.header("prefer", "odata.maxpagesize=1");
    let begun = of_contoso("/v1.0/users/delta?$deltatoken=latest&$select=displayName");
    world.user("bob");
    world.user("carl");
    let page = small.get(&begun).ok();
    let next = page["@odata.nextLink"].as_str().unwrap();
    let links = [
        of_contoso("/v1.0/users/delta?$select=displayName"),
        next.strip_prefix(PUBLIC_URL).unwrap().to_owned(),
    ];
    // This tenant has had as many changes.
    let (tenant, ids) = (world.tenants.fabrikam.id, world.nobodies(20));
    let entry = |id: &ObjectId| Entry::new(EntityKind::User, *id);
    let entries: Vec<Entry> = ids.iter().map(entry).collect();
    let written = world
        .store
        .write(|tx| tx.insert_objects(tenant, &entries, world.clock.now()));
    written.map_err(|problem: StoreError| problem).unwrap();
    for link in links {
        contoso.get(&link).ok();
        let answer = fabrikam.get(&link);
        answer.problem(410, "syncStateNotFound");
        assert_eq!(
            answer.header("location"),
            format!("{PUBLIC_URL}/v1.0/users/delta?$deltatoken=&$select=displayName")
        );
    }
}

#[test]
fn a_young_link_to_changes_that_are_gone_is_refused() {
    let world = World::new();
    let ann = world.user("ann");
    let sweep = || {
        let now = world.clock.now();
        let tenant = world.tenants.contoso.id;
        world
            .store
            .write(|tx| tombstones::sweep(tx, tenant, now, None))
            .unwrap()
    };
    // A walk that began before the changes …
    let (_, link) = round(&world.contoso(), "/v1.0/users/delta");
    let (_, token) = link.split_once("$deltatoken=").unwrap();
    let mut token = decoded(&world, token);
    world
        .contoso()
        .delete(&format!("/v1.0/users/{ann}"))
        .no_content();
    sweep();
    world.clock.advance_seconds(9 * 86_400);
    sweep();
    // … and whose last page is a minute old.
    token.issued_at = world.clock.now();
    let client_token = world
        .access
        .issue_app_token(&syncline_access::AppTokenRequest::new(
            world.tenants.contoso.id,
            world.tenants.contoso.app_id,
        ))
        .unwrap()
        .token;
    let client = world.client(&client_token);
    client
        .get(&format!(
            "/v1.0/users/delta?$deltatoken={}",
            token.encode(world.tenants.contoso.id)
        ))
        .problem(410, "resyncRequired");
    // Starting again works.
    let (users, link) = round(&client, "/v1.0/users/delta");
    assert!(users.is_empty(), "{users:?}");
    assert!(round(&client, &link).0.is_empty());
}

/// An older state of the database was put back: the link is to what never was.
#[test]
fn a_link_from_ahead_of_the_newest_change_is_refused() {
    let world = World::new();
    let (_, link) = round(&world.contoso(), "/v1.0/users/delta");
    let (_, token) = link.split_once("$deltatoken=").unwrap();
    let mut token = decoded(&world, token);
    token.sequence += 1;
    let ahead = token.encode(world.tenants.contoso.id);
    // Of a delta link, of a page of changes and of one of everybody.
    token.position = b"c".to_vec();
    let page = token.encode(world.tenants.contoso.id);
    token.position = vec![0; 16];
    let first_round = token.encode(world.tenants.contoso.id);
    let urls = [
        format!("/v1.0/users/delta?$deltatoken={ahead}"),
        format!("/v1.0/users/delta?$skiptoken={page}"),
        format!("/v1.0/users/delta?$skiptoken={first_round}"),
    ];
    for url in &urls {
        world.contoso().get(url).problem(410, "resyncRequired");
    }
    world.user("ann");
    for url in &urls {
        world.contoso().get(url).ok();
    }
}

#[test]
fn a_link_leads_to_what_is_on_the_disk() {
    let world = World::new();
    world.user("ann");
    // As a page of a cycle is written.
    world
        .store
        .write_with(syncline_store::Durability::Relaxed, |_| {
            Ok::<_, syncline_model::Problem>(())
        })
        .unwrap();
    let settled = || world.store.is_settled().unwrap();
    // On a shared database a cycle says by its lease that it is under way, and here is none.
    assert_eq!(settled(), syncline_testkit::on_postgres());
    for url in ["/v1.0/users/delta", "/v1.0/users/delta?$deltatoken=latest"] {
        world.contoso().get(url).ok();
        assert!(settled());
    }
}

/// A client that keeps one manager and applies what it is told in order ends with the right one.
#[test]
fn of_a_replaced_manager_the_removal_is_told_first() {
    let world = World::new();
    let (ann, bob, carl) = (world.user("ann"), world.user("bob"), world.user("carl"));
    let admin = world.contoso();
    let url = format!("/v1.0/users/{ann}/manager/$ref");
    // Whichever of the two has the smaller id.
    for (old, new) in [(&bob, &carl), (&carl, &bob)] {
        admin.put(&url, reference(old)).no_content();
        let (_, link) = round(&admin, "/v1.0/users/delta?$select=manager");
        admin.put(&url, reference(new)).no_content();
        let (items, _) = round(&admin, &link);
        assert_eq!(
            items[0]["manager@delta"],
            json!([
                {"@odata.type": "#microsoft.graph.user", "id": old, "@removed": {"reason": "deleted"}},
                {"@odata.type": "#microsoft.graph.user", "id": new},
            ])
        );
    }
}

#[test]
fn who_must_start_again_is_told_where_with_the_options_of_the_first_request() {
    let world = World::new();
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let url = format!("/v1.0/users/delta?$select=displayName,id&$filter=id eq '{ann}'");
    let (_, link) = round(&world.contoso(), &url);
    world.clock.advance_seconds(7 * 86_400 + 1);
    let tenant = &world.tenants.contoso;
    let request = syncline_access::AppTokenRequest::new(tenant.id, tenant.app_id);
    let token = world.access.issue_app_token(&request).unwrap().token;
    let client = world.client(&token);
    let answer = client.get(&link);
    answer.problem(410, "resyncRequired");
    let location = answer.header("location").to_owned();
    assert_eq!(
        location,
        format!(
            "{PUBLIC_URL}/v1.0/users/delta?$deltatoken=&$select=displayName%2Cid&$filter=id%20eq%20%27{ann}%27"
        )
    );
    let (items, link) = round(&client, location.strip_prefix(PUBLIC_URL).unwrap());
    assert_eq!(items, [json!({"id": ann, "displayName": "ann"})]);
    for id in [&ann, &bob] {
        client
            .patch(&format!("/v1.0/users/{id}"), json!({"displayName": "new"}))
            .no_content();
    }
    let (items, _) = round(&client, &link);
    assert_eq!(items, [json!({"id": ann, "displayName": "new"})]);
}

/// What has room in the first request has room in all that follow, and where that begins again.
#[test]
fn the_longest_filter_is_followed_through_the_rounds() {
    let world = World::new();
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let mut filter = format!("id+in+('{ann}'");
    let nobodies = world.nobodies(500);
    for nobody in nobodies.iter().map(ToString::to_string) {
        let more = format!(",'{nobody}'");
        if "$select=displayName&$filter=)".len() + filter.len() + more.len() > 16 * 1024 {
            break;
        }
        filter.push_str(&more);
    }
    let url = format!("/v1.0/users/delta?$select=displayName&$filter={filter})");
    let client = world.contoso().header("prefer", "odata.maxpagesize=1");
    let (items, mut link) = round(&client, &url);
    assert_eq!(items, [json!({"id": ann, "displayName": "ann"})]);
    for name in ["anna", "anne"] {
        for id in [&ann, &bob] {
            let change = json!({"displayName": name});
            client
                .patch(&format!("/v1.0/users/{id}"), change)
                .no_content();
        }
        let (items, next) = round(&client, &link);
        assert_eq!(items, [json!({"id": ann, "displayName": name})]);
        link = next;
    }
    world.clock.advance_seconds(7 * 86_400 + 1);
    let tenant = &world.tenants.contoso;
    let request = syncline_access::AppTokenRequest::new(tenant.id, tenant.app_id);
    let token = world.access.issue_app_token(&request).unwrap().token;
    let answer = world.client(&token).get(&link);
    answer.problem(410, "resyncRequired");
    let again = answer.header("location").strip_prefix(PUBLIC_URL).unwrap();
    let (items, _) = round(&world.client(&token), again);
    assert_eq!(items, [json!({"id": ann, "displayName": "anne"})]);
}
