//! Passwords of users: what is told of them, temporary ones, and how users change their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value as Json, json};
use syncline_access::{DirectoryRole, PasswordWork, Refusal};
use syncline_store::{Meter, Written};
use syncline_testkit::{FakeClock, Logged};

use crate::users_delta::round;
use crate::world::{Client, World, person};

const PASSWORD: &str = "xWwvJ]6NMw+bWH-d";
const CHOSEN: &str = "0eM85N54wFxWwvJ]";
const NAME: &str = "ann@contoso.example";

fn profile(world: &World, user: &str) -> Json {
    let url = format!("/v1.0/users/{user}?$select=passwordProfile,displayName");
    let answer = world.contoso().get(&url);
    assert!(!answer.text().contains("xWwvJ"), "{}", answer.text());
    answer.ok()["passwordProfile"].clone()
}

fn shown(to_be_changed: bool) -> Json {
    json!({
        "password": null,
        "forceChangePasswordNextSignIn": to_be_changed,
        "forceChangePasswordNextSignInWithMfa": false,
    })
}

fn patch(world: &World, user: &str, profile: &Json) -> crate::world::Answer {
    let body = json!({ "passwordProfile": profile });
    world.contoso().patch(&format!("/v1.0/users/{user}"), body)
}

/// Whether the password signs in, and is to be changed first.
fn right(world: &World, password: &str) -> Result<bool, Refusal> {
    let right = world.access.check_password(None, None, NAME, password);
    right.map(|right| right.to_be_changed)
}

fn changed_at(world: &World, user: &str) -> Json {
    let url = format!("/v1.0/users/{user}?$select=lastPasswordChangeDateTime");
    world.contoso().get(&url).ok()["lastPasswordChangeDateTime"].clone()
}

#[test]
fn a_password_is_never_shown_and_whether_it_is_to_be_changed_is() {
    let world = World::new();
    let ann = world.user_with_password("ann");
    assert_eq!(profile(&world, &ann), shown(false));
    let all = "/beta/users?$select=passwordProfile";
    assert_eq!(world.contoso().all(all)[0]["passwordProfile"], shown(false));
    for plain in [format!("/v1.0/users/{ann}"), "/v1.0/users".to_owned()] {
        assert!(
            !world
                .contoso()
                .get(&plain)
                .text()
                .contains("passwordProfile")
        );
    }
}

/// Whoever still has the password that others gave is told to those who may give another.
#[test]
fn who_may_only_read_users_is_not_told_who_has_a_temporary_password() {
    let world = World::new();
    let ann = world.user_with_password("ann");
    let url = format!("/v1.0/users/{ann}?$select=passwordProfile");
    let told =
        |permission| world.application(&[permission]).get(&url).ok()["passwordProfile"].clone();
    assert_eq!(told("User.Read.All"), Json::Null);
    assert_eq!(told("User.ReadWrite.All"), shown(false));
}

/// It is no attempt at what he may not do, which would be one for each user of a page.
#[test]
fn a_list_that_shows_nobodys_profile_does_not_log_refusals() {
    let world = World::new();
    let mut ids = ["ann", "ben", "cat"].map(|alias| world.user_with_password(alias));
    ids.sort();
    let reader = world.application(&["User.Read.All"]);
    let logged = Logged::new();
    let list = logged.in_scope(|| reader.get("/v1.0/users?$select=id,passwordProfile").ok());
    assert_eq!(
        list["value"][0],
        json!({"id": ids[0], "passwordProfile": null})
    );
    assert_eq!(logged.lines("insufficient privileges"), [""; 0]);
    // It would be there.
    let refused = logged.in_scope(|| reader.post("/v1.0/users", person("dan")));
    assert_eq!(refused.status, 403);
    assert_eq!(logged.lines("insufficient privileges").len(), 1);
}

#[test]
fn changes_tell_whether_a_password_is_to_be_changed() {
    let world = World::new();
    let ann = world.user_with_password("ann");
    let url = "/v1.0/users/delta?$select=passwordProfile";
    let contoso = world.contoso();
    let (items, link) = round(&contoso, url);
    assert_eq!(items, [json!({"id": ann, "passwordProfile": shown(false)})]);
    let to_be_changed = json!({"forceChangePasswordNextSignIn": true});
    patch(&world, &ann, &to_be_changed).no_content();
    let (items, link) = round(&contoso, &link);
    assert_eq!(items, [json!({"id": ann, "passwordProfile": shown(true)})]);
    patch(&world, &ann, &to_be_changed).no_content();
    let (_, link) = round(&contoso, &link);
    let chosen = json!({"password": CHOSEN, "forceChangePasswordNextSignIn": false});
    patch(&world, &ann, &chosen).no_content();
    let (items, _) = round(&contoso, &link);
    assert_eq!(items, [json!({"id": ann, "passwordProfile": shown(false)})]);
    // As in lists, who may only read users is not told.
    let reader = world.application(&["User.Read.All"]);
    let (items, link) = round(&reader, url);
    assert_eq!(items, [json!({"id": ann})]);
    patch(&world, &ann, &to_be_changed).no_content();
    let (items, _) = round(&reader, &link);
    assert_eq!(items, [json!({"id": ann, "passwordProfile": null})]);
}

#[test]
fn a_user_is_created_with_a_temporary_password() {
    let world = World::new();
    let mut body = person("ann");
    body["passwordProfile"]["forceChangePasswordNextSignIn"] = json!(true);
    let created = world.contoso().post("/v1.0/users", body).created();
    let ann = created["id"].as_str().unwrap();
    assert_eq!(right(&world, PASSWORD), Ok(true));
    assert_eq!(profile(&world, ann), shown(true));
    assert_eq!(changed_at(&world, ann), "2022-12-10T12:00:00Z");
}

#[test]
fn an_administrator_resets_a_password_for_a_while() {
    let world = World::new();
    let ann = world.user_with_password("ann");
    world.clock.advance_seconds(60);
    let temporary = json!({"password": CHOSEN, "forceChangePasswordNextSignIn": true});
    patch(&world, &ann, &temporary).no_content();
    assert_eq!(right(&world, PASSWORD), Err(Refusal::CredentialsInvalid));
    assert_eq!(right(&world, CHOSEN), Ok(true));
    assert_eq!(profile(&world, &ann), shown(true));
    assert_eq!(changed_at(&world, &ann), "2022-12-10T12:01:00Z");
    // A password without the flag may stay.
    patch(&world, &ann, &json!({"password": PASSWORD})).no_content();
    assert_eq!(right(&world, PASSWORD), Ok(false));
}

#[test]
fn the_flag_alone_leaves_the_password() {
    let world = World::new();
    let ann = world.user_with_password("ann");
    world.clock.advance_seconds(60);
    for asked in [true, true, false, false] {
        let alone = json!({ "forceChangePasswordNextSignIn": asked });
        patch(&world, &ann, &alone).no_content();
        assert_eq!(right(&world, PASSWORD), Ok(asked));
        assert_eq!(profile(&world, &ann), shown(asked));
    }
    assert_eq!(changed_at(&world, &ann), "2022-12-10T12:00:00Z");
    patch(&world, &ann, &json!({})).problem(400, "Request_BadRequest");
}

#[test]
fn a_second_factor_that_nobody_has_is_not_promised() {
    let world = World::new();
    let with_mfa = "forceChangePasswordNextSignInWithMfa";
    let ann = world.user_with_password("ann");
    let mut body = person("ben");
    body["passwordProfile"][with_mfa] = json!(true);
    for refused in [
        world.contoso().post("/v1.0/users", body),
        patch(&world, &ann, &json!({"password": CHOSEN, with_mfa: true})),
        patch(&world, &ann, &json!({ with_mfa: true })),
    ] {
        let error = refused.problem(400, "Request_BadRequest");
        assert_eq!(
            error["details"][0]["target"],
            "passwordProfile/forceChangePasswordNextSignInWithMfa"
        );
        let said = error["message"].as_str().unwrap();
        assert!(
            said.contains("Send 'forceChangePasswordNextSignIn'"),
            "{said}"
        );
    }
    patch(&world, &ann, &json!({ with_mfa: false })).no_content();
    assert_eq!(right(&world, PASSWORD), Ok(false));
}

#[test]
fn a_password_that_is_not_there_can_not_be_changed() {
    let world = World::new();
    let ann = world.user_with_password("ann");
    let (tenant, user) = (world.tenants.contoso.id, ann.parse().unwrap());
    world
        .store
        .write(|tx| syncline_access::passwords::remove(tx, tenant, user))
        .unwrap();
    assert_eq!(profile(&world, &ann), Json::Null);
    let alone = |asked: bool| json!({ "forceChangePasswordNextSignIn": asked });
    let error = patch(&world, &ann, &alone(true)).problem(400, "Request_BadRequest");
    let said = error["message"].as_str().unwrap();
    assert!(said.contains("has no password"), "{said}");
    patch(&world, &ann, &alone(false)).no_content();
}

fn change(client: &Client<'_>, current: &str, new: &str) -> crate::world::Answer {
    let body = json!({"currentPassword": current, "newPassword": new});
    client.post("/v1.0/me/changePassword", body)
}

#[test]
fn users_change_their_own_passwords() {
    let world = World::new();
    let ann = world.user_with_password("ann");
    let alone = json!({"forceChangePasswordNextSignIn": true});
    patch(&world, &ann, &alone).no_content();
    world.clock.advance_seconds(60);
    let client = world.signed_in(&ann, &["User.Read"], &[]);
    change(&client, PASSWORD, CHOSEN).no_content();
    assert_eq!(right(&world, CHOSEN), Ok(false));
    assert_eq!(right(&world, PASSWORD), Err(Refusal::CredentialsInvalid));
    assert_eq!(profile(&world, &ann), shown(false));
    assert_eq!(changed_at(&world, &ann), "2022-12-10T12:01:00Z");
    // By id or by name it is still oneself; and on beta. What was begun with the password before is over.
    for (url, current, new) in [
        (
            format!("/beta/users/{ann}/changePassword"),
            CHOSEN,
            PASSWORD,
        ),
        (
            format!("/v1.0/users/{NAME}/changePassword"),
            PASSWORD,
            CHOSEN,
        ),
    ] {
        let client = world.signed_in(&ann, &["User.Read"], &[]);
        world.clock.advance_seconds(60);
        let body = json!({"currentPassword": current, "newPassword": new});
        client.post(&url, body).no_content();
        let answer = client.get("/v1.0/me");
        answer.problem(401, "InvalidAuthenticationToken");
        assert!(answer.header("www-authenticate").contains("claims=\""));
        let again = world.signed_in(&ann, &["User.Read"], &[]);
        again.get("/v1.0/me").ok();
    }
}

/// Whoever knew the password that an administrator replaces had a token for up to an hour.
#[test]
fn a_reset_ends_the_tokens_of_the_password_before() {
    let world = World::new();
    let ann = world.user_with_password("ann");
    let client = world.signed_in(&ann, &["User.Read"], &[]);
    world.clock.advance_seconds(60);
    // As long as it is the same one, nothing is over.
    patch(
        &world,
        &ann,
        &json!({"forceChangePasswordNextSignIn": false}),
    )
    .no_content();
    client.get("/v1.0/me").ok();
    patch(&world, &ann, &json!({"password": CHOSEN})).no_content();
    client
        .get("/v1.0/me")
        .problem(401, "InvalidAuthenticationToken");
}

#[test]
fn a_new_password_of_ones_own_follows_the_rules() {
    let world = World::new();
    let ann = world.user_with_password("ann");
    let client = world.signed_in(&ann, &["User.Read"], &[]);
    for (current, new, told) in [
        ("wrong", CHOSEN, "current password is wrong"),
        (PASSWORD, "simple", "complexity requirements"),
        (PASSWORD, PASSWORD, "is the current one"),
        (PASSWORD, "", "newPassword"),
        ("", CHOSEN, "currentPassword"),
    ] {
        let error = change(&client, current, new).problem(400, "Request_BadRequest");
        let said = error["message"].as_str().unwrap();
        assert!(said.contains(told), "{said}");
    }
    client
        .post(
            "/v1.0/me/changePassword",
            json!({"currentPassword": PASSWORD, "newPassword": CHOSEN, "confirmed": true}),
        )
        .problem(400, "Request_BadRequest");
    assert_eq!(right(&world, PASSWORD), Ok(false));
}

#[test]
fn nobody_changes_the_password_of_another_so() {
    let world = World::new();
    let (ann, ben) = (
        world.user_with_password("ann"),
        world.user_with_password("ben"),
    );
    let body = json!({"currentPassword": PASSWORD, "newPassword": CHOSEN});
    let admin = [DirectoryRole::GlobalAdministrator];
    let url = format!("/v1.0/users/{ann}/changePassword");
    for client in [
        world.contoso(),
        world.signed_in(&ben, &["Directory.ReadWrite.All"], &admin),
        world.signed_in(&ann, &["Group.Read.All"], &[]),
    ] {
        client
            .post(&url, body.clone())
            .problem(403, "Authorization_RequestDenied");
    }
    world
        .contoso()
        .post("/v1.0/me/changePassword", body)
        .problem(400, "BadRequest");
    assert_eq!(right(&world, PASSWORD), Ok(false));
}

/// Who found a token does not know the password, and would own the account otherwise.
#[test]
fn nobody_sets_their_own_password_without_the_current_one() {
    let world = World::new();
    let ann = world.user_with_password("ann");
    let scopes = ["User.ReadWrite.All", "RoleManagement.ReadWrite.Directory"];
    let admin = [DirectoryRole::GlobalAdministrator];
    let client = world.signed_in(&ann, &scopes, &admin);
    for url in [
        "/v1.0/me".to_owned(),
        format!("/beta/users/{ann}"),
        format!("/v1.0/users/{NAME}"),
    ] {
        for profile in [
            json!({"password": CHOSEN}),
            json!({"password": CHOSEN, "forceChangePasswordNextSignIn": true}),
            json!({"forceChangePasswordNextSignIn": false}),
        ] {
            let body = json!({"jobTitle": "Chief", "passwordProfile": profile});
            let error = client
                .patch(&url, body)
                .problem(403, "Authorization_RequestDenied");
            let said = error["message"].as_str().unwrap();
            assert!(said.contains("/me/changePassword"), "{said}");
        }
    }
    assert_eq!(right(&world, PASSWORD), Ok(false));
    // All else of oneself, and the passwords of others, as before.
    for body in [
        json!({"jobTitle": "Chief"}),
        json!({"mobilePhone": "+41 1"}),
    ] {
        client.patch("/v1.0/me", body).no_content();
    }
    let ben = world.user_with_password("ben");
    let body = json!({"passwordProfile": {"password": CHOSEN}});
    client
        .patch(&format!("/v1.0/users/{ben}"), body)
        .no_content();
    change(&client, PASSWORD, CHOSEN).no_content();
}

#[test]
fn guessing_with_a_found_token_is_slow() {
    let world = World::new();
    let ann = world.user_with_password("ann");
    let client = world.signed_in(&ann, &["User.Read"], &[]);
    for _ in 0..10 {
        change(&client, "wrong", CHOSEN).problem(400, "Request_BadRequest");
    }
    let locked = change(&client, PASSWORD, CHOSEN);
    locked.problem(429, "TooManyRequests");
    assert_eq!(locked.header("retry-after"), "60");
    world.clock.advance_seconds(60);
    change(&client, PASSWORD, CHOSEN).no_content();
}

#[test]
fn a_change_waits_for_its_place_no_longer_than_others() {
    let world = World::with_one_password_at_once(std::time::Duration::ZERO);
    let ann = world.user_with_password("ann");
    let client = world.signed_in(&ann, &["User.Read"], &[]);
    let held = world.access.hashing().place(PasswordWork::Set, None);
    let busy = change(&client, PASSWORD, CHOSEN);
    busy.problem(503, "ServiceUnavailable");
    assert_eq!(busy.header("retry-after"), "5");
    drop(held);
    change(&client, PASSWORD, CHOSEN).no_content();
}

/// Lets a minute pass between the first read of a request and all that comes after it.
struct Minute {
    clock: Arc<FakeClock>,
    due: AtomicBool,
}

impl Meter for Minute {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn read(&self, _: Duration) {
        if self.due.swap(false, Ordering::SeqCst) {
            self.clock.advance_seconds(60);
        }
    }

    fn wrote(&self, _: &Written) {}
}

/// A request waits for a place to hash at, and for other writers. Who signs in meanwhile is known by what it replaces.
#[test]
fn whoever_signs_in_while_a_reset_waits_is_signed_out_by_it() {
    type Ask = fn(&Client<'_>, &Client<'_>, &str);
    let reset: Ask = |admin, _, url| {
        let body = json!({"passwordProfile": {"password": CHOSEN}});
        admin.patch(url, body).no_content();
    };
    let choose: Ask = |_, ann, _| {
        change(ann, PASSWORD, CHOSEN).no_content();
    };
    let revoke: Ask = |admin, _, url| {
        let url = format!("{url}/revokeSignInSessions");
        admin.send("POST", &url, Vec::new()).ok();
    };
    for ask in [reset, choose, revoke] {
        let world = World::new();
        let ann = world.user_with_password("ann");
        let url = format!("/v1.0/users/{ann}");
        let (admin, own) = (world.contoso(), world.signed_in(&ann, &["User.Read"], &[]));
        world.clock.advance_seconds(30);
        let meanwhile = world.signed_in(&ann, &["User.Read"], &[]);
        world.clock.advance_seconds(-30);
        let minute = Minute {
            clock: Arc::clone(&world.clock),
            due: AtomicBool::new(true),
        };
        world.store.measure(Arc::new(minute));
        ask(&admin, &own, &url);
        meanwhile
            .get("/v1.0/me")
            .problem(401, "InvalidAuthenticationToken");
    }
}
