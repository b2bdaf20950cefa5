//! What ends what somebody has begun, written by a node whose clock is behind that of the one where it began.

use serde_json::{Value as Json, json};
use syncline_access::secrets;

use crate::walkthrough::browser::{Browser, Platform, form};
use crate::world::{POWERSHELL, World, text};

const LOOPBACK: &str = "http://localhost:51234";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHOSEN: &str = "Another-Horse-2";

/// Ends what the user with this address has begun.
type End = fn(&World, &str);

fn revoke(world: &World, url: &str) {
    let url = format!("{url}/revokeSignInSessions");
    world.contoso().send("POST", &url, Vec::new()).ok();
}

fn reset(world: &World, url: &str) {
    let profile = json!({"password": CHOSEN, "forceChangePasswordNextSignIn": false});
    let body = json!({ "passwordProfile": profile });
    world.contoso().patch(url, body).no_content();
}

fn delete_and_restore(world: &World, url: &str) {
    world.contoso().delete(url).no_content();
    let (_, id) = url.rsplit_once('/').unwrap();
    let restore = format!("/v1.0/directory/deletedItems/{id}/restore");
    world.contoso().send("POST", &restore, Vec::new()).ok();
}

/// The page of an authorization request.
fn authorize(world: &World) -> String {
    let challenge = secrets::fingerprint(VERIFIER);
    let fields = [
        ("client_id", POWERSHELL),
        ("response_type", "code"),
        ("redirect_uri", LOOPBACK),
        ("scope", "User.Read openid offline_access"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let tenant = world.tenants.contoso.id;
    format!("/{tenant}/oauth2/v2.0/authorize?{}", form(&fields))
}

fn ask_for_token(world: &World, platform: &Platform, fields: &[(&str, &str)]) -> Json {
    let path = format!("/{}/oauth2/v2.0/token", world.tenants.contoso.id);
    let fields = [&[("client_id", POWERSHELL)], fields].concat();
    platform.post(&path, &fields).json()
}

fn redeem(world: &World, platform: &Platform, browser: &Browser<'_>) -> Json {
    let left = browser.left_with(LOOPBACK);
    let left = left.unwrap_or_else(|| panic!("no code: {}", browser.page.body));
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &left["code"]),
        ("redirect_uri", LOOPBACK),
        ("code_verifier", VERIFIER),
    ];
    ask_for_token(world, platform, &fields)
}

fn check(end: End, password: &str) {
    let world = World::new();
    let platform = Platform::new(&world);
    let ann = world.user_with_password("ann");
    // Behind the moment at which that password was set.
    world.clock.advance_seconds(600);
    let mut browser = Browser::open(&platform, &authorize(&world));
    browser.sign_in("ann@contoso.example");
    browser.accept();
    let tokens = redeem(&world, &platform, &browser);
    let client = world.client(&text(&tokens, "access_token"));
    client.get("/v1.0/me").ok();

    world.clock.advance_seconds(-120);
    client.get("/v1.0/me").ok();
    end(&world, &format!("/v1.0/users/{ann}"));
    let refused = client.get("/v1.0/me");
    refused.problem(401, "InvalidAuthenticationToken");
    let refresh_token = text(&tokens, "refresh_token");
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &refresh_token),
    ];
    let refused = ask_for_token(&world, &platform, &fields);
    assert_eq!(refused["error"], "invalid_grant", "{refused}");
    browser.go(&authorize(&world));
    assert!(
        browser.page.body.contains("name=\"password\""),
        "{}",
        browser.page.body
    );

    // What begins now holds, although the clock is still behind.
    let fields = [("username", "ann@contoso.example"), ("password", password)];
    browser.submit(&fields);
    let tokens = redeem(&world, &platform, &browser);
    let client = world.client(&text(&tokens, "access_token"));
    client.get("/v1.0/me").ok();
}

#[test]
fn revoked_sessions_are_over_whatever_the_clock_says() {
    check(revoke, "xWwvJ]6NMw+bWH-d");
}

#[test]
fn so_are_those_of_the_password_before() {
    check(reset, CHOSEN);
}

#[test]
fn so_are_those_of_an_account_that_was_deleted_and_comes_back() {
    check(delete_and_restore, "xWwvJ]6NMw+bWH-d");
}
