//! What one tenant may take of the server at a time.

use std::sync::mpsc;
use std::time::Duration;

use serde_json::{Value as Json, json};
use syncline_access::{DirectoryRole, PasswordWork};
use syncline_graph_api::{Limits, Most};
use syncline_store::StoreError;

use crate::users_delta::round;
use crate::world::{World, person, security_group};

const ONE: Most = Most {
    all: 2,
    of_tenant: 1,
};
const NONE: Most = Most {
    all: 2,
    of_tenant: 0,
};

/// Reading that takes as long as the tenant is large.
const SCANS: [&str; 4] = [
    "/v1.0/users?$orderby=displayName",
    "/v1.0/users/$count?$filter=startsWith(displayName,'a')",
    "/v1.0/users?$top=1&$count=true&$filter=startsWith(displayName,'a')",
    "/v1.0/users?$filter=endsWith(mail,'x')&$count=true",
];

#[test]
fn requests_of_one_tenant_do_not_take_the_places_of_others() {
    let world = World::with_limits(Limits {
        requests: ONE,
        ..Limits::default()
    });
    let (held, holding) = mpsc::channel();
    let (done, release) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let store = &world.store;
        let tenant = world.tenants.contoso.id;
        scope.spawn(move || {
            store.write(|tx| {
                tx.enter(&[tenant])?;
                held.send(()).unwrap();
                // Until the test has seen enough, or failed.
                let _ = release.recv();
                Ok::<_, StoreError>(())
            })
        });
        holding.recv().unwrap();
        let waiting = scope.spawn(|| {
            loop {
                // Those below may come first.
                let answer = world.contoso().post("/v1.0/users", person("ann"));
                if answer.status != 429 {
                    return answer;
                }
            }
        });
        // Then the one request waits for the writer.
        let refused = loop {
            assert!(!waiting.is_finished(), "{}", waiting.join().unwrap().text());
            let answer = world.contoso().get("/v1.0/organization");
            if answer.status != 200 {
                break answer;
            }
        };
        refused.problem(429, "TooManyRequests");
        world.fabrikam().get("/v1.0/organization").ok();
        drop(done);
        waiting.join().unwrap().created();
    });
    world.contoso().get("/v1.0/organization").ok();
}

#[test]
fn the_parts_of_a_batch_are_one_request() {
    let world = World::with_limits(Limits {
        requests: ONE,
        ..Limits::default()
    });
    let item = json!({"id": "1", "method": "GET", "url": "/organization"});
    let answer = world
        .contoso()
        .post("/v1.0/$batch", json!({"requests": [item]}))
        .ok();
    assert_eq!(answer["responses"][0]["status"], 200);
}

#[test]
fn items_that_read_come_by_themselves_once_the_answers_of_their_batch_are_large() {
    let world = World::with_limits(Limits {
        batch_bytes: 100,
        ..Limits::default()
    });
    let get = |id| json!({"id": id, "method": "GET", "url": "/organization"});
    let write = json!({"id": "3", "method": "POST", "url": "/users", "body": person("ann"),
        "headers": {"Content-Type": "application/json"}});
    let answer = world
        .contoso()
        .post(
            "/v1.0/$batch",
            json!({"requests": [get("1"), get("2"), write]}),
        )
        .ok();
    let status = |at: usize| answer["responses"][at]["status"].as_u64().unwrap();
    // What writes has a small answer, and would have to be asked about.
    assert_eq!([status(0), status(1), status(2)], [200, 429, 201]);
    assert_eq!(answer["responses"][1]["headers"]["Retry-After"], "1");
    assert_eq!(
        answer["responses"][1]["body"]["error"]["code"],
        "TooManyRequests"
    );
}

#[test]
fn items_that_read_with_a_body_come_by_themselves_as_well() {
    let world = World::with_limits(Limits {
        batch_bytes: 100,
        ..Limits::default()
    });
    let ann = world.user("ann");
    let post = |id: usize, url: &str, body: Json| {
        let headers = json!({"Content-Type": "application/json"});
        json!({"id": id.to_string(), "method": "POST", "url": url, "headers": headers, "body": body})
    };
    let mut items = vec![json!({"id": "0", "method": "GET", "url": "/organization"})];
    for (url, body) in [
        ("users/getByIds".to_owned(), json!({"ids": [ann]})),
        (format!("users/{ann}/getMemberGroups"), json!({})),
        (format!("users/{ann}/getMemberObjects"), json!({})),
        (
            format!("directoryObjects/{ann}/checkMemberGroups"),
            json!({"groupIds": [ann]}),
        ),
        (
            format!("/USERS/{ann}/microsoft.graph.checkMemberObjects"),
            json!({"ids": [ann]}),
        ),
    ] {
        items.push(post(items.len(), &url, body));
    }
    items.push(post(items.len(), "/groups", security_group("sales")));
    let answer = world
        .contoso()
        .post("/v1.0/$batch", json!({"requests": items}))
        .ok();
    let responses = answer["responses"].as_array().unwrap().iter();
    let status: Vec<u64> = responses.map(|it| it["status"].as_u64().unwrap()).collect();
    assert_eq!(status, [200, 429, 429, 429, 429, 429, 201], "{answer}");
}

#[test]
fn a_tenant_that_scans_as_much_as_it_may_is_told_when_to_come_back() {
    let limited = |scans| Limits {
        scans,
        scan_rows: 2,
        ..Limits::default()
    };
    let world = World::with_limits(limited(NONE));
    for alias in ["ann", "ben", "cat"] {
        world.user(alias);
    }
    for scan in SCANS {
        let answer = world.contoso().get(scan);
        assert_eq!(answer.headers["retry-after"], "5", "{scan}");
        answer.problem(429, "TooManyRequests");
    }
    // What reads little is no scan.
    world.contoso().get("/v1.0/users?$top=1").ok();
    world.contoso().get("/v1.0/users/$count").ok();

    // Given back by each before the next.
    let world = World::with_limits(limited(ONE));
    for alias in ["ann", "ben", "cat"] {
        world.user(alias);
    }
    for scan in SCANS {
        let answer = world.contoso().get(scan);
        assert_eq!(answer.status, 200, "{scan}: {}", answer.text());
    }
}

#[test]
fn members_of_members_are_a_scan_however_few_they_are_together() {
    let world = World::with_limits(Limits {
        scans: NONE,
        scan_rows: 2,
        ..Limits::default()
    });
    let outer = world.group("outer");
    for name in ["a", "b", "c"] {
        world.join(&outer, &world.group(name));
    }
    world
        .contoso()
        .get(&format!("/v1.0/groups/{outer}/transitiveMembers"))
        .problem(429, "TooManyRequests");
}

/// Each is asked for its members, which takes a statement whether it has any or not.
#[test]
fn empty_groups_are_a_scan_where_there_are_many() {
    let world = World::with_limits(Limits {
        scans: NONE,
        scan_rows: 50,
        ..Limits::default()
    });
    let (outer, user) = (world.group("outer"), world.user("ann"));
    for at in 0..40 {
        let empty = world.group(&format!("empty{at}"));
        world.join(&outer, &empty);
    }
    let contoso = world.contoso();
    for url in [
        format!("/v1.0/groups/{outer}/transitiveMembers?$top=1"),
        format!("/v1.0/groups/{outer}/transitiveMembers/microsoft.graph.user?$top=1"),
    ] {
        contoso.get(&url).problem(429, "TooManyRequests");
    }
    // Groups that somebody is in are in no group, which is looked up of each as well.
    for at in 0..4 {
        world.join(&world.group(&format!("group{at}")), &user);
    }
    let user = format!("/v1.0/users/{user}");
    contoso
        .get(&format!("{user}/transitiveMemberOf?$top=1"))
        .problem(429, "TooManyRequests");
    for action in ["getMemberGroups", "getMemberObjects"] {
        contoso
            .post(&format!("{user}/{action}"), json!({}))
            .problem(429, "TooManyRequests");
    }
    contoso
        .post(
            &format!("{user}/checkMemberGroups"),
            json!({"groupIds": [outer]}),
        )
        .problem(429, "TooManyRequests");
}

#[test]
fn those_who_are_no_groups_are_counted_where_members_of_members_are_looked_for() {
    let world = World::with_limits(Limits {
        scans: NONE,
        scan_rows: 2,
        ..Limits::default()
    });
    let group = world.group("group");
    world.join_all(&group, &world.crowd(3));
    let url = format!("/v1.0/groups/{group}/transitiveMembers/microsoft.graph.group");
    let answer = world.contoso().get(&url);
    answer.problem(429, "TooManyRequests");
}

#[test]
fn to_find_what_somebody_is_in_is_a_scan() {
    let world = World::with_limits(Limits {
        scans: NONE,
        scan_rows: 2,
        ..Limits::default()
    });
    let user = world.user("ann");
    for name in ["a", "b", "c"] {
        world.join(&world.group(name), &user);
    }
    let contoso = world.contoso();
    let user = format!("/v1.0/users/{user}");
    for url in [
        format!("{user}/transitiveMemberOf"),
        format!("{user}/transitiveMemberOf/microsoft.graph.group/$count"),
    ] {
        contoso.get(&url).problem(429, "TooManyRequests");
    }
    let asked = [user.as_str()];
    for (action, body) in [
        ("getMemberGroups", json!({"securityEnabledOnly": true})),
        ("getMemberObjects", json!({"securityEnabledOnly": false})),
        ("checkMemberGroups", json!({"groupIds": asked})),
        ("checkMemberObjects", json!({"ids": asked})),
    ] {
        let answer = contoso.post(&format!("{user}/{action}"), body.clone());
        answer.problem(429, "TooManyRequests");
        let answer = contoso.gone().post(&format!("{user}/{action}"), body);
        assert_eq!(answer.status, 503, "{action}: {}", answer.text());
    }
}

#[test]
fn groups_in_groups_are_walked_through_once_for_all_pages_while_nothing_changes() {
    let world = World::new();
    let (user, outer) = (world.user("ann"), world.group("outer"));
    world.join_all(&outer, &world.crowd(40));
    for at in 0..12 {
        let group = world.group(&format!("group{at}"));
        world.join(&outer, &group);
        world.join(&group, &user);
    }
    let next = [
        format!("/v1.0/groups/{outer}/transitiveMembers?$top=1"),
        format!("/v1.0/users/{user}/transitiveMemberOf?$top=1"),
    ]
    .map(|url| {
        let page = world.contoso().get(&url).ok();
        page["@odata.nextLink"].as_str().unwrap().to_owned()
    });
    // More than a page reads, and less than a walk: a look-up of each group counts as ten rows as well.
    let world = world.limited(Limits {
        scans: NONE,
        scan_rows: 160,
        ..Limits::default()
    });
    for link in &next {
        world.contoso().get(link).ok();
    }
    // In whichever tenant.
    world
        .fabrikam()
        .post("/v1.0/groups", security_group("other"))
        .created();
    for link in &next {
        world.contoso().get(link).ok();
    }
    world.user("ben");
    for link in &next {
        let answer = world.contoso().get(link);
        answer.problem(429, "TooManyRequests");
    }
}

#[test]
fn a_list_that_a_cast_narrows_is_a_scan_by_what_it_leaves_out() {
    let world = World::with_limits(Limits {
        scans: NONE,
        scan_rows: 2,
        ..Limits::default()
    });
    let group = world.group("group");
    world.join_all(&group, &world.crowd(3));
    let members = format!("/v1.0/groups/{group}/members/microsoft.graph.group");
    for url in [
        members.clone(),
        format!("{members}/$count"),
        format!("{members}?$orderby=displayName"),
    ] {
        let answer = world.contoso().get(&url);
        answer.problem(429, "TooManyRequests");
    }
}

#[test]
fn a_round_of_changes_is_a_scan_by_those_it_passes_over() {
    let world = World::with_limits(Limits {
        scans: NONE,
        scan_rows: 2,
        ..Limits::default()
    });
    let group = world.group("group");
    let (_, link) = round(&world.contoso(), "/v1.0/users/delta");
    world.join_all(&group, &world.nobodies(3));
    let answer = world.contoso().get(&link);
    answer.problem(429, "TooManyRequests");
}

#[test]
fn nothing_is_read_any_more_for_a_caller_who_hung_up() {
    let world = World::new();
    let (_, changes) = round(&world.contoso(), "/v1.0/users/delta");
    let group = world.group("group");
    let user = world.user("ann");
    world.join(&group, &user);
    let members = format!("/v1.0/groups/{group}/transitiveMembers");
    let log = "/v1.0/auditLogs/provisioning";
    let counted = format!("{log}/$count");
    for scan in SCANS.into_iter().chain([&members, log, &counted, &changes]) {
        assert_eq!(world.contoso().get(scan).status, 200, "{scan}");
        let answer = world.contoso().gone().get(scan);
        assert_eq!(answer.status, 503, "{scan}: {}", answer.text());
    }
}

#[test]
fn passwords_are_set_a_few_at_a_time_and_the_rest_told_when_to_come_back() {
    let world = World::with_one_password_at_once(Duration::ZERO);
    let ann = format!("/v1.0/users/{}", world.user("ann"));
    let change = json!({"passwordProfile": {"password": "yXxwK]7ONx+cXI-e"}});
    let hashing = world.access.hashing();
    // Whoever signs in takes from the same.
    let held = hashing.place(PasswordWork::SignIn, None).unwrap();
    for refused in [
        world.contoso().post("/v1.0/users", person("ben")),
        world.fabrikam().post("/v1.0/users", person("ben")),
        world.contoso().patch(&ann, change.clone()),
    ] {
        assert_eq!(refused.header("retry-after"), "5", "{}", refused.text());
        refused.problem(503, "ServiceUnavailable");
    }
    let headers = json!({"content-type": "application/json"});
    let part = json!({"id": "1", "method": "POST", "url": "/users", "headers": headers, "body": person("ben")});
    let batch = world
        .contoso()
        .post("/v1.0/$batch", json!({"requests": [part]}))
        .ok();
    let refused = &batch["responses"][0];
    assert_eq!(refused["status"], 503, "{batch}");
    assert_eq!(refused["headers"]["Retry-After"], "5", "{batch}");
    // Without a password there is nothing to wait for.
    world
        .contoso()
        .patch(&ann, json!({"displayName": "Ann"}))
        .no_content();
    drop(held);
    world.contoso().patch(&ann, change).no_content();
    world.user("ben");
}

#[test]
fn no_password_is_hashed_for_who_may_not_set_it() {
    let world = World::with_one_password_at_once(Duration::ZERO);
    let ann = format!("/v1.0/users/{}", world.user("ann"));
    let root = world.user("root");
    world.signed_in(&root, &[], &[DirectoryRole::GlobalAdministrator]);
    let helper = world.application(&["User.ReadWrite.All"]);
    let change = json!({"passwordProfile": {"password": "yXxwK]7ONx+cXI-e"}});
    let nobody = "/v1.0/users/nobody@contoso.example";
    let root = format!("/v1.0/users/{root}");
    // They do not get as far as waiting for a place.
    let held = world.access.hashing().place(PasswordWork::SignIn, None);
    helper
        .patch(nobody, change.clone())
        .problem(404, "Request_ResourceNotFound");
    helper
        .patch(&root, change.clone())
        .problem(403, "Authorization_RequestDenied");
    helper
        .patch(&ann, change.clone())
        .problem(503, "ServiceUnavailable");
    drop(held);
    helper.patch(&ann, change).no_content();
}

#[test]
fn others_write_while_somebody_waits_to_set_a_password() {
    let world = World::with_one_password_at_once(Duration::from_secs(3600));
    let ann = format!("/v1.0/users/{}", world.user("ann"));
    let change = json!({"passwordProfile": {"password": "yXxwK]7ONx+cXI-e"}});
    let hashing = world.access.hashing();
    let held = hashing.place(PasswordWork::SignIn, None).unwrap();
    std::thread::scope(|scope| {
        let creating = scope.spawn(|| world.contoso().post("/v1.0/users", person("ben")));
        let changing = scope.spawn(|| world.contoso().patch(&ann, change));
        syncline_testkit::until("both wait", || hashing.waiting() == 2);
        world.group("group");
        drop(held);
        creating.join().unwrap().created();
        changing.join().unwrap().no_content();
    });
}
