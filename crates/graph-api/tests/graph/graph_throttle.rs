//! Graph's own throttling, where it is asked for.

use std::time::Duration;

use serde_json::{Value as Json, json};
use syncline_access::{DirectoryRole, PasswordWork, roles};
use syncline_model::Problem;

use crate::world::{Answer, World, person};

/// Where an application may do in a tenant what it may in Graph.
fn throttling() -> World {
    let mut world = World::new();
    world.api.settings.graph_throttling = true;
    world
}

/// A write that finds nothing to change.
const WRITE: &str = "/v1.0/groups/01234567-89ab-4def-8123-456789abcdef";

/// Writes so often, by way of batches.
fn write(world: &World, times: usize) -> Vec<Json> {
    let mut responses = Vec::new();
    while responses.len() < times {
        let count = 20.min(times - responses.len());
        let item = |id: usize| {
            let url = WRITE.trim_start_matches("/v1.0");
            json!({"id": id.to_string(), "method": "DELETE", "url": url})
        };
        let items: Vec<Json> = (0..count).map(item).collect();
        let batch = json!({"requests": items});
        let answer = world.contoso().post("/v1.0/$batch", batch).ok();
        responses.extend(answer["responses"].as_array().unwrap().iter().cloned());
    }
    responses
}

fn throttled(answer: &Answer, information: &str, retry_after: &str) {
    let error = answer.problem(429, "TooManyRequests");
    assert_eq!(error["message"], "Please retry again later.");
    assert_eq!(answer.header("retry-after"), retry_after);
    assert_eq!(answer.header("x-ms-throttle-information"), information);
}

#[test]
fn the_write_after_three_thousand_is_refused_until_its_time_is_over() {
    let world = throttling();
    let done = write(&world, 3_000);
    assert!(done.iter().all(|it| it["status"] == 404), "{}", done[0]);
    world.clock.advance_seconds(20);
    let refused = world.contoso().delete(WRITE);
    throttled(&refused, "WriteLimitExceeded", "130");
    let (app, tenant) = (world.tenants.contoso.app_id, world.tenants.contoso.id);
    let scope = format!("Tenant_Application/Write/{app}/{tenant}");
    assert_eq!(refused.header("x-ms-throttle-scope"), scope);
    let item = &write(&world, 1)[0];
    assert_eq!(item["status"], 429, "{item}");
    assert_eq!(item["headers"]["Retry-After"], "130", "{item}");
    // Whoever reads, and whoever else writes, is not concerned.
    let read = world.contoso().get("/v1.0/organization");
    read.ok();
    assert_eq!(read.header("x-ms-throttle-limit-percentage"), "1.00");
    assert_eq!(world.fabrikam().delete(WRITE).status, 404);
    world.clock.advance_seconds(129);
    throttled(&world.contoso().delete(WRITE), "WriteLimitExceeded", "1");
    world.clock.advance_seconds(1);
    assert_eq!(world.contoso().delete(WRITE).status, 404);
}

#[test]
fn resource_units_are_for_ten_seconds() {
    let world = throttling();
    for at in 0..700 {
        let url = "/v1.0/groups/01234567-89ab-4def-8123-456789abcdef/transitiveMembers";
        assert_eq!(world.contoso().get(url).status, 404, "{at}");
    }
    let refused = world.contoso().get("/v1.0/organization");
    throttled(&refused, "ResourceUnitLimitExceeded", "10");
    world.fabrikam().get("/v1.0/organization").ok();
    world.clock.advance_seconds(10);
    world.contoso().get("/v1.0/organization").ok();
}

/// Because its caller has lost one of its rights while it waited, and may do still what it asks for.
#[test]
fn a_request_that_is_answered_once_more_counts_once() {
    let mut world = World::with_one_password_at_once(Duration::from_secs(3600));
    world.api.settings.graph_throttling = true;
    let id = world.user("ann");
    let roles_held = [
        DirectoryRole::UserAdministrator,
        DirectoryRole::GlobalAdministrator,
    ];
    let scopes = ["User.ReadWrite.All", "Group.Read.All"];
    let ann = world.signed_in(&id, &scopes, &roles_held);
    for at in 0..699 {
        let url = "/v1.0/groups/01234567-89ab-4def-8123-456789abcdef/transitiveMembers";
        assert_eq!(ann.get(url).status, 404, "{at}");
    }
    let hashing = world.access.hashing();
    let held = hashing.place(PasswordWork::SignIn, None).unwrap();
    std::thread::scope(|scope| {
        let creating = scope.spawn(|| ann.post("/v1.0/users", person("cleo")));
        syncline_testkit::until("it waits", || hashing.waiting() == 1);
        let contoso = world.tenants.contoso.id;
        let taken = world.store.write(|tx| {
            let revoked = roles::revoke(tx, contoso, id.parse().unwrap(), roles_held[1]);
            assert!(revoked.unwrap());
            Ok::<_, Problem>(())
        });
        taken.unwrap();
        drop(held);
        let created = creating.join().unwrap();
        created.created();
        assert_eq!(created.header("x-ms-resource-unit"), "1");
    });
    // With the one of the request, 3,496 of 3,500.
    for at in 0..4 {
        let left = ann.get("/v1.0/users?$select=id");
        assert_eq!(left.status, 200, "{at}");
    }
    throttled(
        &ann.get("/v1.0/users?$select=id"),
        "ResourceUnitLimitExceeded",
        "10",
    );
}

#[test]
fn a_request_costs_what_it_does_in_graph() {
    let world = throttling();
    let (ann, group) = (world.user("ann"), world.group("group"));
    for (url, units) in [
        ("/v1.0/users".to_owned(), "2"),
        ("/v1.0/users?$select=id".to_owned(), "1"),
        ("/v1.0/users?$select=id&$top=5".to_owned(), "1"),
        ("/v1.0/users?$expand=manager".to_owned(), "3"),
        ("/v1.0/users?$expand=manager&$top=19".to_owned(), "2"),
        ("/v1.0/users?$top=20".to_owned(), "2"),
        ("/v1.0/groups".to_owned(), "1"),
        (format!("/v1.0/groups/{group}/members"), "3"),
        (format!("/v1.0/groups/{group}/transitiveMembers"), "5"),
        (format!("/v1.0/users/{ann}/memberOf"), "2"),
    ] {
        let answer = world.contoso().get(&url);
        answer.ok();
        assert_eq!(answer.header("x-ms-resource-unit"), units, "{url}");
        assert_eq!(answer.header("x-ms-throttle-limit-percentage"), "", "{url}");
    }
    let found = world
        .contoso()
        .post("/v1.0/directoryObjects/getByIds", json!({"ids": [ann]}));
    assert_eq!(found.header("x-ms-resource-unit"), "3");
}

#[test]
fn nothing_is_counted_where_nobody_asked_for_it() {
    let world = World::new();
    let answer = world.contoso().get("/v1.0/users");
    answer.ok();
    assert_eq!(answer.header("x-ms-resource-unit"), "");
}
